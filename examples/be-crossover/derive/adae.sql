-- dataset: ADAE, Adverse Events Analysis Dataset
-- class: OCCURRENCE DATA STRUCTURE
-- structure: One record per adverse event
-- keys: STUDYID, USUBJID, AESEQ
-- variable: TRTEMFL, Treatment Emergent Analysis Flag, text
-- variable: TRTACD, Actual Treatment (Code), text
-- method TRTEMFL: Y unless the event is known to have begun before the first dose, by the parts of its start that are recorded
-- method APERIOD: The last period whose dose is not known to have been given after the start of the event
with latest as (
  select e.USUBJID as USUBJID, e.AESEQ as AESEQ, max(x.APERIOD) as APERIOD
  from AE as e
  inner join ADEX as x on x.USUBJID = e.USUBJID
  where case when is_before(e.AESTDTC, x.ASTDTC) then 'Y' else 'N' end = 'N'
  group by e.USUBJID, e.AESEQ
)
select
  a.STUDYID as STUDYID,
  a.USUBJID as USUBJID,
  a.SUBJID as SUBJID,
  e.AESEQ as AESEQ,
  x.APERIOD as APERIOD,
  x.TRTA as TRTA,
  x.TRTACD as TRTACD,
  e.AETERM as AETERM,
  e.AEDECOD as AEDECOD,
  e.AEBODSYS as AEBODSYS,
  e.AESEV as AESEV,
  e.AESER as AESER,
  e.AEREL as AEREL,
  e.AEOUT as AEOUT,
  e.AESTDTC as AESTDTC,
  e.AEENDTC as AEENDTC,
  case when l.APERIOD is not null then 'Y' end as TRTEMFL,
  a.SAFFL as SAFFL
from AE as e
inner join ADSL as a on a.USUBJID = e.USUBJID
left join latest as l on l.USUBJID = e.USUBJID and l.AESEQ = e.AESEQ
left join ADEX as x on x.USUBJID = e.USUBJID and x.APERIOD = l.APERIOD
