-- dataset: TV
-- keys: STUDYID, VISITNUM
select
  s.STUDYID as STUDYID,
  'TV' as DOMAIN,
  v.NUMBER as VISITNUM,
  v.NAME as VISIT,
  v.DAY as VISITDY,
  cast(null as text) as ARMCD,
  v.STARTRULE as TVSTRL
from visits as v
cross join study as s
