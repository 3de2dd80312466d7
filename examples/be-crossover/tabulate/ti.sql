-- dataset: TI
-- keys: STUDYID, IETESTCD
select
  s.STUDYID as STUDYID,
  'TI' as DOMAIN,
  c.CODE as IETESTCD,
  c.CRITERION as IETEST,
  c.CATEGORY as IECAT
from criteria as c
cross join study as s
