-- dataset: TE
-- keys: STUDYID, ETCD
select
  s.STUDYID as STUDYID,
  'TE' as DOMAIN,
  e.CODE as ETCD,
  e.NAME as ELEMENT,
  e.STARTRULE as TESTRL,
  e.ENDRULE as TEENRL,
  e.DURATION as TEDUR
from elements as e
cross join study as s
