-- dataset: TS
-- keys: STUDYID, TSPARMCD, TSSEQ
-- method TSVAL: Planned facts from the protocol; dates and the number of subjects from the record
with derived as (
  select 'ACTSUB' as CODE, 'Actual Number of Subjects' as NAME, text(count(RFXSTDTC)) as VALUE from DM
  union all
  select 'SSTDTC', 'Study Start Date', min(RFICDTC) from DM
  union all
  select 'SENDTC', 'Study End Date', max(RFPENDTC) from DM
  union all
  select 'SPONSOR', 'Clinical Study Sponsor', SPONSOR from study
  union all
  select 'TITLE', 'Trial Title', TITLE from study
),
every as (
  select CODE, NAME, VALUE, NULLFLAVOR from facts
  union all
  select CODE, NAME, VALUE, null from derived
)
select
  s.STUDYID as STUDYID,
  'TS' as DOMAIN,
  1 as TSSEQ,
  e.CODE as TSPARMCD,
  e.NAME as TSPARM,
  e.VALUE as TSVAL,
  e.NULLFLAVOR as TSVALNF
from every as e
cross join study as s
