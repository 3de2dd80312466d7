-- dataset: DS
-- keys: STUDYID, USUBJID, DSDECOD, DSSTDTC
-- sequence: DSSEQ within USUBJID
with milestones as (
  select SUBJECT, 'INFORMED CONSENT OBTAINED' as DECOD, 'PROTOCOL MILESTONE' as CAT, RFICDAT as DAT from demographics
  union all
  select SUBJECT, DSDECOD, 'DISPOSITION EVENT', DSDAT from disposition
)
select
  m.STUDYID as STUDYID,
  'DS' as DOMAIN,
  m.USUBJID as USUBJID,
  0 as DSSEQ,
  e.DECOD as DSTERM,
  e.DECOD as DSDECOD,
  e.CAT as DSCAT,
  e.DAT as DSSTDTC,
  study_day(e.DAT, m.RFSTDTC) as DSSTDY
from milestones as e
inner join DM as m on m.SUBJID = e.SUBJECT
