-- dataset: ADSL, Subject-Level Analysis Dataset
-- keys: STUDYID, USUBJID
-- variable: PKFL, Pharmacokinetic Population Flag, text
-- variable: NPERIOD, Periods Dosed, integer
-- variable: HEIGHTBL, Height at Baseline (cm), float
-- variable: WEIGHTBL, Weight at Baseline (kg), float
-- variable: BMIBL, Body Mass Index at Baseline (kg/m2), float
-- method SAFFL: Y when at least one dose was given
-- method PKFL: Y when at least one concentration after dosing could be measured
-- method COMPLFL: Y when every planned period has concentrations after dosing
-- method BMIBL: Weight (kg) divided by the square of height (m), one decimal
with doses as (
  select USUBJID, count(EXSTDTC) as NDOSE from EX group by USUBJID
),
planned as (
  select ARMCD, count(ETCD) as NPLAN from TA
  where ETCD in (select CODE from treatments)
  group by ARMCD
),
measured as (
  select USUBJID, count(distinct VISITNUM) as NMEAS from PC
  where PCSTRESN is not null and PCTPTNUM > 0
  group by USUBJID
),
height as (
  select USUBJID, max(VSSTRESN) as VALUE from VS where VSTESTCD = 'HEIGHT' and VISITNUM = 1 group by USUBJID
),
weight as (
  select USUBJID, max(VSSTRESN) as VALUE from VS where VSTESTCD = 'WEIGHT' and VISITNUM = 1 group by USUBJID
)
select
  m.STUDYID as STUDYID,
  m.USUBJID as USUBJID,
  m.SUBJID as SUBJID,
  m.SITEID as SITEID,
  m.AGE as AGE,
  m.AGEU as AGEU,
  m.SEX as SEX,
  m.RACE as RACE,
  m.ETHNIC as ETHNIC,
  m.ARMCD as ARMCD,
  m.ARM as ARM,
  m.ARMCD as TRTSEQP,
  m.ACTARMCD as TRTSEQA,
  m.RFSTDTC as RFSTDTC,
  m.RFENDTC as RFENDTC,
  coalesce(d.NDOSE, 0) as NPERIOD,
  case when d.NDOSE > 0 then 'Y' else 'N' end as SAFFL,
  case when c.NMEAS > 0 then 'Y' else 'N' end as PKFL,
  case when c.NMEAS = p.NPLAN then 'Y' else 'N' end as COMPLFL,
  h.VALUE as HEIGHTBL,
  w.VALUE as WEIGHTBL,
  round_half_away(w.VALUE * 10000 / (h.VALUE * h.VALUE), 1) as BMIBL
from DM as m
left join doses as d on d.USUBJID = m.USUBJID
left join planned as p on p.ARMCD = m.ARMCD
left join measured as c on c.USUBJID = m.USUBJID
left join height as h on h.USUBJID = m.USUBJID
left join weight as w on w.USUBJID = m.USUBJID
