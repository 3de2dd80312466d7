-- dataset: ADTTE, AE Time To 1st Derm. Event Analysis
-- class: BASIC DATA STRUCTURE
-- structure: one record per subject per parameter
-- keys: STUDYID, USUBJID, PARAMCD
-- variable: AGE, Age, integer 3.
-- variable: AGEGR1N, Pooled Age Group 1 (N), integer 3.
-- variable: RACEN, Race (N), integer 3.
-- variable: TRTDUR, Duration of treatment (days), integer 3.
-- variable: TRTP, Planned Treatment, text
-- variable: TRTA, Actual Treatment, text
-- variable: TRTAN, Actual Treatment (N), integer
-- variable: PARAM, Parameter Description, text(100)
-- variable: PARAMCD, Parameter Code, text(8)
-- variable: AVAL, Analysis Value, integer
-- variable: STARTDT, Time to Event Origin Date for Subject, date
-- variable: ADT, Analysis Date, date
-- variable: CNSR, Censor, integer
-- variable: EVNTDESC, Event or Censoring Description, text
-- variable: SRCDOM, Source Domain, text
-- variable: SRCVAR, Source Variable, text
-- variable: SRCSEQ, Source Sequence Number, integer
-- method ADT: Start of the first treatment-emergent dermatologic event, else the end of the subject's participation
-- method CNSR: 0 for an event, 1 where there was none
with sources as (
  select STUDYID, USUBJID, 0 as CNSR, ASTDT as ADT, 'Dematologic Event Occured' as EVNTDESC,
    'ADAE' as SRCDOM, 'ASTDT' as SRCVAR, AESEQ as SRCSEQ
  from ADAE where AOCC01FL = 'Y'
  union all
  select STUDYID, USUBJID, 1, RFENDT, 'Study Completion Date', 'ADSL', 'RFENDT', null
  from ADSL
),
-- An event comes before any censoring; the first event, the last date without one.
ranked as (
  select STUDYID, USUBJID, CNSR, ADT, EVNTDESC, SRCDOM, SRCVAR, SRCSEQ,
    row_number() over (partition by STUDYID, USUBJID order by CNSR nulls last, case when CNSR = 0 then ADT else -ADT end nulls last,
      SRCDOM nulls last, SRCVAR nulls last, SRCSEQ nulls last, EVNTDESC nulls last, ADT nulls last) as PLACE
  from sources
)
select
  a.STUDYID as STUDYID,
  a.SITEID as SITEID,
  a.USUBJID as USUBJID,
  a.AGE as AGE,
  a.AGEGR1 as AGEGR1,
  a.AGEGR1N as AGEGR1N,
  a.RACE as RACE,
  a.RACEN as RACEN,
  a.SEX as SEX,
  a.TRTSDT as TRTSDT,
  a.TRTEDT as TRTEDT,
  a.TRTDUR as TRTDUR,
  a.TRT01P as TRTP,
  a.TRT01A as TRTA,
  a.TRT01AN as TRTAN,
  'Time to First Dermatologic Event' as PARAM,
  'TTDE' as PARAMCD,
  r.ADT - sas_date(a.RFSTDTC) + 1 as AVAL,
  sas_date(a.RFSTDTC) as STARTDT,
  r.ADT as ADT,
  r.CNSR as CNSR,
  r.EVNTDESC as EVNTDESC,
  r.SRCDOM as SRCDOM,
  r.SRCVAR as SRCVAR,
  r.SRCSEQ as SRCSEQ,
  a.SAFFL as SAFFL
from ADSL as a
inner join ranked as r on r.STUDYID = a.STUDYID and r.USUBJID = a.USUBJID
where r.PLACE = 1
