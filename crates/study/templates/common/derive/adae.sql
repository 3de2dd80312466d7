-- dataset: ADAE, Adverse Events Analysis Dataset
-- class: OCCURRENCE DATA STRUCTURE
-- structure: One record per adverse event
-- keys: STUDYID, USUBJID, AESEQ
-- variable: TRTEMFL, Treatment Emergent Analysis Flag, text
-- variable: TRTACD, Actual Treatment (Code), text
-- method ASTDT: The day of AESTDTC; absent where the day is not recorded (nothing is imputed)
-- method AENDT: The day of AEENDTC; absent where the day is not recorded (nothing is imputed)
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
  e.AELLT as AELLT,
  e.AELLTCD as AELLTCD,
  e.AEDECOD as AEDECOD,
  e.AEPTCD as AEPTCD,
  e.AEHLT as AEHLT,
  e.AEHLTCD as AEHLTCD,
  e.AEHLGT as AEHLGT,
  e.AEHLGTCD as AEHLGTCD,
  e.AEBODSYS as AEBODSYS,
  e.AEBDSYCD as AEBDSYCD,
  e.AESOC as AESOC,
  e.AESOCCD as AESOCCD,
  e.AESEV as AESEV,
  e.AESER as AESER,
  e.AEREL as AEREL,
  e.AEOUT as AEOUT,
  e.AESTDTC as AESTDTC,
  e.AEENDTC as AEENDTC,
  sas_date(e.AESTDTC) as ASTDT,
  sas_date(e.AEENDTC) as AENDT,
  relative_day(sas_date(e.AESTDTC), a.TRTSDT) as ASTDY,
  relative_day(sas_date(e.AEENDTC), a.TRTSDT) as AENDY,
  case when l.APERIOD is not null then 'Y' end as TRTEMFL,
  a.SAFFL as SAFFL
from AE as e
inner join ADSL as a on a.USUBJID = e.USUBJID
left join latest as l on l.USUBJID = e.USUBJID and l.AESEQ = e.AESEQ
left join ADEX as x on x.USUBJID = e.USUBJID and x.APERIOD = l.APERIOD
