-- dataset: TA
-- keys: STUDYID, ARMCD, TAETORD
select
  s.STUDYID as STUDYID,
  'TA' as DOMAIN,
  c.ARM as ARMCD,
  a.NAME as ARM,
  c.ORD as TAETORD,
  c.ELEMENT as ETCD,
  e.NAME as ELEMENT,
  case when c.ORD = 1 then 'Randomised to ' || c.ARM end as TABRANCH,
  cast(null as text) as TATRANS,
  c.EPOCH as EPOCH
from cells as c
cross join study as s
inner join arms as a on a.CODE = c.ARM
inner join elements as e on e.CODE = c.ELEMENT
