-- dataset: EX
-- keys: STUDYID, USUBJID, EXTRT, EXSTDTC
-- sequence: EXSEQ within USUBJID
select
  m.STUDYID as STUDYID,
  'EX' as DOMAIN,
  m.USUBJID as USUBJID,
  0 as EXSEQ,
  coalesce(t.NAME, d.EXTRT) as EXTRT,
  d.EXDOSE as EXDOSE,
  d.EXDOSE__unit as EXDOSU,
  t.DOSFRM as EXDOSFRM,
  'ONCE' as EXDOSFRQ,
  t.ROUTE as EXROUTE,
  s.FASTING as EXFAST,
  v.EPOCH as EPOCH,
  d.EXSTDAT as EXSTDTC,
  d.EXSTDAT as EXENDTC,
  study_day(d.EXSTDAT, m.RFSTDTC) as EXSTDY,
  study_day(d.EXSTDAT, m.RFSTDTC) as EXENDY
from dosing as d
inner join DM as m on m.SUBJID = d.SUBJECT
cross join study as s
left join treatments as t on t.CODE = d.EXTRT
left join visits as v on v.CODE = d.VISIT
