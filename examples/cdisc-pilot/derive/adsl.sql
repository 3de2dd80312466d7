-- dataset: ADSL, Subject-Level Analysis
-- structure: one record per subject
-- keys: STUDYID, USUBJID
-- variable: SITEGR1, Pooled Site Group 1, text
-- variable: TRTDUR, Duration of Treatment (days), integer
-- variable: AVGDD, Avg Daily Dose (as planned), float
-- variable: CUMDOSE, Cumulative Dose (as planned), float
-- variable: AGEGR1, Pooled Age Group 1, text
-- variable: AGEGR1N, Pooled Age Group 1 (N), integer
-- variable: AGEU, Age Units, text(5)
-- variable: RACE, Race, text(32)
-- variable: RACEN, Race (N), integer
-- variable: ETHNIC, Ethnicity, text(22)
-- variable: ITTFL, Intent-To-Treat Population Flag, text
-- variable: EFFFL, Efficacy Population Flag, text
-- variable: COMP8FL, Completers of Week 8 Population Flag, text
-- variable: COMP16FL, Completers of Week 16 Population Flag, text
-- variable: COMP24FL, Completers of Week 24 Population Flag, text
-- variable: DISCONFL, Did the Subject Discontinue the Study?, text
-- variable: DSRAEFL, Discontinued due to AE?, text
-- variable: DTHFL, Subject Died?, text
-- variable: EDUCLVL, Years of Education, integer
-- variable: DISONSDT, Date of Onset of Disease, date
-- variable: DURDIS, Duration of Disease (Months), float
-- variable: DURDSGR1, Pooled Disease Duration Group 1, text
-- variable: VISIT1DT, Date of Visit 1, date
-- variable: RFSTDTC, Subject Reference Start Date/Time, text(20)
-- variable: RFENDTC, Subject Reference End Date/Time, text(20)
-- variable: VISNUMEN, End of Trt Visit (Vis 12 or Early Term.), integer
-- variable: RFENDT, Date of Discontinuation/Completion, date
-- variable: DCDECOD, Standardized Disposition Term, text(27)
-- variable: DCREASCD, Reason for Discontinuation, text
-- variable: MMSETOT, MMSE Total, integer
-- method SITEGR1: The site, or 900 for sites with fewer than 3 subjects in an arm
-- method TRTSDT: Date of visit 3 (baseline)
-- method TRTEDT: End date of the last exposure record, or where it is missing the date of discontinuation
-- method CUMDOSE: Planned daily dose times days; high dose: 54 mg a day until visit 4, 81 mg until visit 12, 54 mg after it
-- method EFFFL: Y for safety subjects with an ADAS-Cog and a CIBIC+ record after visit 3
-- method COMP8FL: Y when visit 8 took place, not after the end of the study
-- method COMP16FL: Y when visit 10 took place, not after the end of the study
-- method COMP24FL: Y when visit 12 took place, not after the end of the study
-- method DURDIS: Months of 365.25/12 days from onset to visit 1, both days counted, one decimal
-- method MMSETOT: Sum of the items
with visit_days as (
  select USUBJID,
    min(case when VISITNUM = 1 then SVSTDTC end) as V1,
    min(case when VISITNUM = 3 then SVSTDTC end) as V3,
    min(case when VISITNUM = 4 then SVSTDTC end) as V4,
    min(case when VISITNUM = 8 then SVSTDTC end) as V8,
    min(case when VISITNUM = 10 then SVSTDTC end) as V10,
    min(case when VISITNUM = 12 then SVSTDTC end) as V12
  from SV group by USUBJID
),
randomised as (
  select STUDYID, USUBJID, SUBJID, SITEID, ARM, AGE, AGEU, RACE, SEX, ETHNIC, DTHFL, RFSTDTC, RFENDTC
  from DM where ARMCD <> 'Scrnfail'
),
arms_planned as (
  select distinct ARM from randomised
),
sites as (
  select distinct SITEID from randomised
),
small_sites as (
  select distinct s.SITEID as SITEID
  from sites as s cross join arms_planned as p
  where (select count(*) from randomised as r where r.SITEID = s.SITEID and r.ARM = p.ARM) < 3
),
last_dose as (
  select USUBJID, EXENDTC from (
    select USUBJID, EXENDTC,
      row_number() over (partition by STUDYID, USUBJID order by EXSEQ desc nulls last) as BACK
    from EX
  ) as x where BACK = 1
),
disposition as (
  select d.USUBJID as USUBJID, d.DSDECOD as DSDECOD, d.DSSTDTC as DSSTDTC, d.VISITNUM as VISITNUM, q.QVAL as ENTCRIT
  from DS as d
  left join SUPPDS as q on q.USUBJID = d.USUBJID and q.IDVAR = 'DSSEQ' and number(q.IDVARVAL) = d.DSSEQ and q.QNAM = 'ENTCRIT'
  where d.DSCAT = 'DISPOSITION EVENT'
),
assessed as (
  select USUBJID,
    max(case when starts_with(QSTESTCD, 'ACITM') or QSTESTCD = 'ACTOT' then 1 else 0 end) as ADAS,
    max(case when QSTESTCD = 'CIBIC' then 1 else 0 end) as CIBIC
  from QS where VISITNUM > 3 group by USUBJID
),
mmse as (
  select USUBJID, sum(QSSTRESN) as TOTAL from QS where starts_with(QSTESTCD, 'MMITM') group by USUBJID
),
onset as (
  select USUBJID, min(MHSTDTC) as MHSTDTC from MH where MHCAT = 'PRIMARY DIAGNOSIS' group by USUBJID
),
education as (
  select USUBJID, max(SCSTRESN) as YEARS from SC where SCTESTCD = 'EDLEVEL' group by USUBJID
),
dated as (
  select r.STUDYID, r.USUBJID, r.SUBJID, r.SITEID, r.ARM, r.AGE, r.AGEU, r.RACE, r.SEX, r.ETHNIC, r.DTHFL, r.RFSTDTC, r.RFENDTC,
    case r.ARM when 'Placebo' then 0 when 'Xanomeline Low Dose' then 54 when 'Xanomeline High Dose' then 81 end as TRT01PN,
    sas_date(v.V1) as VISIT1DT,
    sas_date(v.V3) as TRTSDT,
    coalesce(sas_date(x.EXENDTC), sas_date(d.DSSTDTC)) as TRTEDT,
    sas_date(v.V4) as V4DT,
    sas_date(v.V12) as V12DT,
    v.V1, v.V8, v.V10, v.V12,
    d.DSDECOD, d.VISITNUM, d.ENTCRIT,
    o.MHSTDTC,
    round_half_away(duration(o.MHSTDTC, v.V1, 'MONTHS'), 1) as DURDIS
  from randomised as r
  left join visit_days as v on v.USUBJID = r.USUBJID
  left join last_dose as x on x.USUBJID = r.USUBJID
  left join disposition as d on d.USUBJID = r.USUBJID
  left join onset as o on o.USUBJID = r.USUBJID
),
dosed as (
  select USUBJID, TRTEDT - TRTSDT + 1 as TRTDUR,
    case when TRT01PN <> 81 then TRT01PN * (TRTEDT - TRTSDT + 1)
      else 54 * (least(TRTEDT, V4DT) - TRTSDT + 1)
        + coalesce(81 * greatest(least(TRTEDT, V12DT) - V4DT, 0), 0)
        + coalesce(54 * greatest(TRTEDT - V12DT, 0), 0)
    end as CUMDOSE
  from dated
)
select
  d.STUDYID as STUDYID,
  d.USUBJID as USUBJID,
  d.SUBJID as SUBJID,
  d.SITEID as SITEID,
  case when d.SITEID in (select SITEID from small_sites) then '900' else d.SITEID end as SITEGR1,
  d.ARM as ARM,
  d.ARM as TRT01P,
  d.TRT01PN as TRT01PN,
  d.ARM as TRT01A,
  d.TRT01PN as TRT01AN,
  d.TRTSDT as TRTSDT,
  d.TRTEDT as TRTEDT,
  e.TRTDUR as TRTDUR,
  round_half_away(e.CUMDOSE / e.TRTDUR, 1) as AVGDD,
  e.CUMDOSE as CUMDOSE,
  d.AGE as AGE,
  case when d.AGE < 65 then '<65' when d.AGE <= 80 then '65-80' when d.AGE > 80 then '>80' end as AGEGR1,
  case when d.AGE < 65 then 1 when d.AGE <= 80 then 2 when d.AGE > 80 then 3 end as AGEGR1N,
  d.AGEU as AGEU,
  d.RACE as RACE,
  case d.RACE when 'WHITE' then 1 when 'BLACK OR AFRICAN AMERICAN' then 2
    when 'AMERICAN INDIAN OR ALASKA NATIVE' then 6 when 'ASIAN' then 7 end as RACEN,
  d.SEX as SEX,
  d.ETHNIC as ETHNIC,
  case when d.TRTSDT is not null then 'Y' else 'N' end as SAFFL,
  'Y' as ITTFL,
  case when d.TRTSDT is not null and a.ADAS = 1 and a.CIBIC = 1 then 'Y' else 'N' end as EFFFL,
  case when days_between(d.V8, d.RFENDTC) >= 0 then 'Y' else 'N' end as COMP8FL,
  case when days_between(d.V10, d.RFENDTC) >= 0 then 'Y' else 'N' end as COMP16FL,
  case when days_between(d.V12, d.RFENDTC) >= 0 then 'Y' else 'N' end as COMP24FL,
  case when d.DSDECOD <> 'COMPLETED' then 'Y' end as DISCONFL,
  case when d.DSDECOD = 'ADVERSE EVENT' then 'Y' end as DSRAEFL,
  d.DTHFL as DTHFL,
  s.YEARS as EDUCLVL,
  sas_date(d.MHSTDTC) as DISONSDT,
  d.DURDIS as DURDIS,
  case when d.DURDIS < 12 then '<12' when d.DURDIS >= 12 then '>=12' end as DURDSGR1,
  d.VISIT1DT as VISIT1DT,
  d.RFSTDTC as RFSTDTC,
  d.RFENDTC as RFENDTC,
  case when d.VISITNUM = 13 then 12 else d.VISITNUM end as VISNUMEN,
  sas_date(d.RFENDTC) as RFENDT,
  d.DSDECOD as DCDECOD,
  case
    when d.ENTCRIT is not null then 'I/E Not Met'
    when d.DSDECOD = 'STUDY TERMINATED BY SPONSOR' then 'Sponsor Decision'
    when d.DSDECOD = 'WITHDRAWAL BY SUBJECT' then 'Withdrew Consent'
    when d.DSDECOD = 'LOST TO FOLLOW-UP' then 'Lost to Follow-up'
    when d.DSDECOD = 'LACK OF EFFICACY' then 'Lack of Efficacy'
    else initcap(d.DSDECOD)
  end as DCREASCD,
  m.TOTAL as MMSETOT
from dated as d
inner join dosed as e on e.USUBJID = d.USUBJID
left join assessed as a on a.USUBJID = d.USUBJID
left join education as s on s.USUBJID = d.USUBJID
left join mmse as m on m.USUBJID = d.USUBJID
