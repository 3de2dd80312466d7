-- dataset: AE
-- keys: STUDYID, USUBJID, AEDECOD, AESTDTC
-- sequence: AESEQ within USUBJID
-- method EPOCH: Epoch of the visit at which the event was recorded
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
  v.EPOCH as EPOCH,
  a.AESTDAT as AESTDTC,
  a.AEENDAT as AEENDTC,
  study_day(a.AESTDAT, m.RFSTDTC) as AESTDY,
  study_day(a.AEENDAT, m.RFSTDTC) as AEENDY
from adverse_events as a
inner join DM as m on m.SUBJID = a.SUBJECT
inner join visits as v on v.CODE = a.VISIT
