-- dataset: AE
-- keys: STUDYID, USUBJID, AEDECOD, AESTDTC
-- sequence: AESEQ within USUBJID
select
  m.STUDYID as STUDYID,
  'AE' as DOMAIN,
  m.USUBJID as USUBJID,
  0 as AESEQ,
  a.AETERM as AETERM,
  a.AEDECOD as AEDECOD,
  a.AEBODSYS as AEBODSYS,
  a.AEBODSYS as AESOC,
  a.AESEV as AESEV,
  a.AESER as AESER,
  a.AEACN as AEACN,
  a.AEREL as AEREL,
  a.AEOUT as AEOUT,
  a.AESTDAT as AESTDTC,
  a.AEENDAT as AEENDTC,
  study_day(a.AESTDAT, m.RFSTDTC) as AESTDY,
  study_day(a.AEENDAT, m.RFSTDTC) as AEENDY
from adverse_events as a
inner join DM as m on m.SUBJID = a.SUBJECT
