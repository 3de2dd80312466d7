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
  select c.ARM as ARMCD, count(e.TREATMENT) as NPLAN
  from cells as c
  inner join elements as e on e.CODE = c.ELEMENT
  group by c.ARM
),
first_planned as (
  select c.ARM as ARMCD, min(c.ORD) as ORD
  from cells as c
  inner join elements as e on e.CODE = c.ELEMENT
  where e.TREATMENT is not null
  group by c.ARM
),
first_treatment as (
  select f.ARMCD as ARMCD, t.LABEL as LABEL
  from first_planned as f
  inner join cells as c on c.ARM = f.ARMCD and c.ORD = f.ORD
  inner join elements as e on e.CODE = c.ELEMENT
  inner join treatments as t on t.CODE = e.TREATMENT
),
first_given as (
  select x.USUBJID as USUBJID, t.LABEL as LABEL
  from EX as x
  inner join DM as d on d.USUBJID = x.USUBJID and d.RFXSTDTC = x.EXSTDTC
  inner join treatments as t on t.NAME = x.EXTRT
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
  f.LABEL as TRT01P,
  g.LABEL as TRT01A,
  sas_date(m.RFXSTDTC) as TRTSDT,
  sas_date(m.RFXENDTC) as TRTEDT,
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
left join first_treatment as f on f.ARMCD = m.ARMCD
left join first_given as g on g.USUBJID = m.USUBJID
left join measured as c on c.USUBJID = m.USUBJID
left join height as h on h.USUBJID = m.USUBJID
left join weight as w on w.USUBJID = m.USUBJID
