-- dataset: ADSL, Subject-Level Analysis Dataset
-- keys: STUDYID, USUBJID
-- variable: RANDFL, Randomized Population Flag, text
-- variable: RANDDT, Date of Randomization, date
-- variable: SAFFL, Safety Population Flag, text
-- variable: FASFL, Full Analysis Set Population Flag, text
-- variable: EOSSTT, End of Study Status, text
-- variable: SYSBPBL, Systolic Pressure at Baseline (mmHg), float
-- variable: WEIGHTBL, Weight at Baseline (kg), float
-- variable: BMIBL, Body Mass Index, Screening (kg/m2), float
-- method TRT01P: The arm of the randomisation; one word for both while the codes are not in the snapshot
-- method TRT01A: The treatment taken, by the arm; one word for both while the codes are not in the snapshot
-- method SAFFL: Y when a dose of study treatment was taken
-- method FASFL: Y when the subject was randomised and took a dose of study treatment
-- method EOSSTT: How participation ended, as far as it has
with randomised as (
  select USUBJID, min(DSSTDTC) as DTC from DS where DSDECOD = 'RANDOMIZED' group by USUBJID
),
ended as (
  select USUBJID, max(DSDECOD) as DECOD from DS where DSCAT = 'DISPOSITION EVENT' group by USUBJID
),
baseline as (
  select USUBJID,
    max(case when VSTESTCD = 'SYSBP' and VSLOBXFL = 'Y' then VSSTRESN end) as SYSBP,
    max(case when VSTESTCD = 'WEIGHT' and VSLOBXFL = 'Y' then VSSTRESN end) as WEIGHT,
    max(case when VSTESTCD = 'BMI' then VSSTRESN end) as BMI
  from VS
  group by USUBJID
)
select
  m.STUDYID as STUDYID,
  m.USUBJID as USUBJID,
  m.SUBJID as SUBJID,
  m.SITEID as SITEID,
  m.COUNTRY as COUNTRY,
  m.AGE as AGE,
  m.AGEU as AGEU,
  m.SEX as SEX,
  m.RACE as RACE,
  m.ARM as ARM,
  m.ARMNRS as ARMNRS,
  case when r.DTC is not null then coalesce(m.ARM, 'Blinded') end as TRT01P,
  case when m.RFXSTDTC is not null then coalesce(m.ACTARM, 'Blinded') end as TRT01A,
  sas_date(m.RFXSTDTC) as TRTSDT,
  sas_date(m.RFXENDTC) as TRTEDT,
  m.RFSTDTC as RFSTDTC,
  m.RFENDTC as RFENDTC,
  sas_date(r.DTC) as RANDDT,
  case when r.DTC is not null then 'Y' else 'N' end as RANDFL,
  case when m.RFXSTDTC is not null then 'Y' else 'N' end as SAFFL,
  case when r.DTC is not null and m.RFXSTDTC is not null then 'Y' else 'N' end as FASFL,
  case when e.DECOD = 'COMPLETED' then 'COMPLETED' when e.DECOD is not null then 'DISCONTINUED' else 'ONGOING' end as EOSSTT,
  b.SYSBP as SYSBPBL,
  b.WEIGHT as WEIGHTBL,
  b.BMI as BMIBL
from DM as m
left join randomised as r on r.USUBJID = m.USUBJID
left join ended as e on e.USUBJID = m.USUBJID
left join baseline as b on b.USUBJID = m.USUBJID
