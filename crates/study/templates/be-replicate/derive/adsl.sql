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
planned_periods as (
  -- The elements with a treatment are the periods, in their order.
  select c.ARM as ARMCD, t.LABEL as LABEL, row_number() over (partition by c.ARM order by c.ORD nulls last) as PERIOD
  from cells as c
  inner join elements as e on e.CODE = c.ELEMENT
  inner join treatments as t on t.CODE = e.TREATMENT
),
planned_treatments as (
  select ARMCD,
    max(case when PERIOD = 1 then LABEL end) as TRT01P,
    max(case when PERIOD = 2 then LABEL end) as TRT02P,
    max(case when PERIOD = 3 then LABEL end) as TRT03P,
    max(case when PERIOD = 4 then LABEL end) as TRT04P
  from planned_periods
  group by ARMCD
),
given as (
  select x.USUBJID as USUBJID,
    max(case when v.PERIOD = 1 then t.LABEL end) as TRT01A,
    min(case when v.PERIOD = 1 then x.EXSTDTC end) as TR01SDTC,
    max(case when v.PERIOD = 1 then x.EXENDTC end) as TR01EDTC,
    max(case when v.PERIOD = 2 then t.LABEL end) as TRT02A,
    min(case when v.PERIOD = 2 then x.EXSTDTC end) as TR02SDTC,
    max(case when v.PERIOD = 2 then x.EXENDTC end) as TR02EDTC,
    max(case when v.PERIOD = 3 then t.LABEL end) as TRT03A,
    min(case when v.PERIOD = 3 then x.EXSTDTC end) as TR03SDTC,
    max(case when v.PERIOD = 3 then x.EXENDTC end) as TR03EDTC,
    max(case when v.PERIOD = 4 then t.LABEL end) as TRT04A,
    min(case when v.PERIOD = 4 then x.EXSTDTC end) as TR04SDTC,
    max(case when v.PERIOD = 4 then x.EXENDTC end) as TR04EDTC
  from EX as x
  inner join visits as v on v.EPOCH = x.EPOCH
  inner join treatments as t on t.NAME = x.EXTRT
  group by x.USUBJID
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
  f.TRT01P as TRT01P,
  g.TRT01A as TRT01A,
  sas_date(g.TR01SDTC) as TR01SDT,
  sas_date(g.TR01EDTC) as TR01EDT,
  f.TRT02P as TRT02P,
  g.TRT02A as TRT02A,
  sas_date(g.TR02SDTC) as TR02SDT,
  sas_date(g.TR02EDTC) as TR02EDT,
  f.TRT03P as TRT03P,
  g.TRT03A as TRT03A,
  sas_date(g.TR03SDTC) as TR03SDT,
  sas_date(g.TR03EDTC) as TR03EDT,
  f.TRT04P as TRT04P,
  g.TRT04A as TRT04A,
  sas_date(g.TR04SDTC) as TR04SDT,
  sas_date(g.TR04EDTC) as TR04EDT,
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
left join planned_treatments as f on f.ARMCD = m.ARMCD
left join given as g on g.USUBJID = m.USUBJID
left join measured as c on c.USUBJID = m.USUBJID
left join height as h on h.USUBJID = m.USUBJID
left join weight as w on w.USUBJID = m.USUBJID
