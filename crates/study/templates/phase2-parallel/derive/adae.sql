-- dataset: ADAE, Adverse Events Analysis Dataset
-- class: OCCURRENCE DATA STRUCTURE
-- structure: One record per adverse event
-- keys: STUDYID, USUBJID, AESEQ
-- variable: ASTDT, Analysis Start Date, date
-- variable: ASTDTF, Analysis Start Date Imputation Flag, text
-- variable: AENDT, Analysis End Date, date
-- variable: AENDTF, Analysis End Date Imputation Flag, text
-- variable: TRTEMFL, Treatment Emergent Analysis Flag, text
-- method ASTDT: The start; an unknown day is the first of the month, not before the first dose of that month
-- method AENDT: The end; an unknown day is the last of the month
-- method TRTEMFL: Y unless the event is known to have begun before the first dose or more than 14 days after the last one
select
  a.STUDYID as STUDYID,
  a.USUBJID as USUBJID,
  a.SUBJID as SUBJID,
  a.SITEID as SITEID,
  e.AESEQ as AESEQ,
  a.TRT01A as TRTA,
  a.TRT01A as TRT01A,
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
  sas_date(impute_date(e.AESTDTC, 'first', 'day', a.RFSTDTC, null)) as ASTDT,
  impute_date_flag(e.AESTDTC, 'first', 'day', a.RFSTDTC, null) as ASTDTF,
  sas_date(impute_date(e.AEENDTC, 'last', 'day')) as AENDT,
  impute_date_flag(e.AEENDTC, 'last', 'day') as AENDTF,
  relative_day(sas_date(impute_date(e.AESTDTC, 'first', 'day', a.RFSTDTC, null)), a.TRTSDT) as ASTDY,
  relative_day(sas_date(impute_date(e.AEENDTC, 'last', 'day')), a.TRTSDT) as AENDY,
  case when is_treatment_emergent(e.AESTDTC, e.AEENDTC, a.RFSTDTC, a.RFENDTC, 14) then 'Y' end as TRTEMFL,
  a.SAFFL as SAFFL
from AE as e
inner join ADSL as a on a.USUBJID = e.USUBJID
