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
),
coded as (
  -- The codes of the terms in use, by parameter and value (SDTM terminology 2025-03-28, NCI EVS).
  select CODE, NAME, VALUE, NULLFLAVOR, case CODE || ' ' || VALUE
    when 'ADDON N' then 'C49487'
    when 'HLTSUBJI Y' then 'C49488'
    when 'INTMODEL CROSS-OVER' then 'C82637'
    when 'INTMODEL PARALLEL' then 'C82639'
    when 'INTTYPE DRUG' then 'C1909'
    when 'RANDOM Y' then 'C49488'
    when 'SEXPOP BOTH' then 'C49636'
    when 'TBLIND OPEN LABEL' then 'C49659'
    when 'TCNTRL ACTIVE' then 'C49649'
    when 'TCNTRL NONE' then 'C41132'
    when 'TINDTP BASIC SCIENCE' then 'C15714'
    when 'TPHASE PHASE I TRIAL' then 'C15600'
    when 'TTYPE BIO-EQUIVALENCE' then 'C49665'
    when 'TTYPE PHARMACOKINETIC' then 'C49663'
    end as TERM
  from every
)
select
  s.STUDYID as STUDYID,
  'TS' as DOMAIN,
  1 as TSSEQ,
  e.CODE as TSPARMCD,
  e.NAME as TSPARM,
  e.VALUE as TSVAL,
  e.NULLFLAVOR as TSVALNF,
  e.TERM as TSVALCD,
  case
    when e.TERM is not null then 'CDISC CT'
    when e.CODE in ('AGEMAX', 'AGEMIN', 'LENGTH', 'SENDTC', 'SSTDTC') and e.VALUE is not null then 'ISO 8601'
  end as TSVCDREF,
  case when e.TERM is not null then '2025-03-28' end as TSVCDVER
from coded as e
cross join study as s
