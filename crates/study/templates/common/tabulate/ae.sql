-- dataset: AE
-- keys: STUDYID, USUBJID, AEDECOD, AESTDTC
-- sequence: AESEQ within USUBJID
-- The study records the preferred term and the class; the other levels of the dictionary are expected variables, and empty.
select
  m.STUDYID as STUDYID,
  'AE' as DOMAIN,
  m.USUBJID as USUBJID,
  0 as AESEQ,
  a.AETERM as AETERM,
  cast(null as text) as AELLT,
  cast(null as double) as AELLTCD,
  a.AEDECOD as AEDECOD,
  cast(null as double) as AEPTCD,
  cast(null as text) as AEHLT,
  cast(null as double) as AEHLTCD,
  cast(null as text) as AEHLGT,
  cast(null as double) as AEHLGTCD,
  a.AEBODSYS as AEBODSYS,
  cast(null as double) as AEBDSYCD,
  a.AEBODSYS as AESOC,
  cast(null as double) as AESOCCD,
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
