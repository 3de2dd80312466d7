-- dataset: DM
-- keys: STUDYID, USUBJID
-- method RFSTDTC: Date and time of the first dose of study treatment
-- method RFENDTC: Date and time of the last dose of study treatment
-- method RFXSTDTC: Date and time of the first dose of study treatment
-- method RFXENDTC: Date and time of the last dose of study treatment
-- method AGE: Whole years from the date of birth (first of the month when the day is not recorded) to informed consent
-- method DTHDTC: Date on which participation ended, when it ended by death
-- method DTHFL: Y when participation ended by death
-- method ACTARMUD: The codes of the treatments given, when they are not those of the arm
-- method ACTARMCD: The arm allocated, when the treatments given are its treatments in their order, as far as they were given
with doses as (
  -- An arm's code is the codes of its treatments in their order.
  select SUBJECT, min(EXSTDAT) as FIRSTDOSE, max(EXSTDAT) as LASTDOSE,
    string_agg(EXTRT, '' order by EXSTDAT nulls first) as GIVEN
  from dosing
  group by SUBJECT
)
select
  s.STUDYID as STUDYID,
  'DM' as DOMAIN,
  s.STUDYID || '-' || s.SITEID || '-' || d.SUBJECT as USUBJID,
  d.SUBJECT as SUBJID,
  x.FIRSTDOSE as RFSTDTC,
  x.LASTDOSE as RFENDTC,
  x.FIRSTDOSE as RFXSTDTC,
  x.LASTDOSE as RFXENDTC,
  d.RFICDAT as RFICDTC,
  p.DSDAT as RFPENDTC,
  case when p.DSDECOD = 'DEATH' then p.DSDAT end as DTHDTC,
  case when p.DSDECOD = 'DEATH' then 'Y' end as DTHFL,
  s.SITEID as SITEID,
  d.BRTHDAT as BRTHDTC,
  age_years(impute_date(d.BRTHDAT, 'first'), d.RFICDAT) as AGE,
  'YEARS' as AGEU,
  d.SEX as SEX,
  d.RACE as RACE,
  d.ETHNIC as ETHNIC,
  r.ARMCD as ARMCD,
  a.NAME as ARM,
  case when substr(r.ARMCD, 1, length(x.GIVEN)) = x.GIVEN then r.ARMCD end as ACTARMCD,
  case when substr(r.ARMCD, 1, length(x.GIVEN)) = x.GIVEN then a.NAME end as ACTARM,
  case
    when r.ARMCD is null and p.DSDECOD = 'SCREEN FAILURE' then 'SCREEN FAILURE'
    when r.ARMCD is null then 'NOT ASSIGNED'
    when x.FIRSTDOSE is null then 'ASSIGNED, NOT TREATED'
    when substr(r.ARMCD, 1, length(x.GIVEN)) <> x.GIVEN then 'UNPLANNED TREATMENT'
  end as ARMNRS,
  case when substr(r.ARMCD, 1, length(x.GIVEN)) <> x.GIVEN then 'Given in this order: ' || x.GIVEN end as ACTARMUD,
  s.COUNTRY as COUNTRY,
  d.RFICDAT as DMDTC,
  study_day(d.RFICDAT, x.FIRSTDOSE) as DMDY
from demographics as d
cross join study as s
left join doses as x on x.SUBJECT = d.SUBJECT
left join randomisation as r on r.SUBJECT = d.SUBJECT
left join arms as a on a.CODE = r.ARMCD
left join disposition as p on p.SUBJECT = d.SUBJECT
