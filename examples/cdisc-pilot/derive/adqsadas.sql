-- dataset: ADQSADAS, ADAS-Cog Analysis
-- class: BASIC DATA STRUCTURE
-- structure: one record per subject per parameter per analysis visit per analysis date
-- keys: STUDYID, USUBJID, PARAMCD, AVISITN, ADT
-- variable: TRTP, Planned Treatment, text
-- variable: TRTPN, Planned Treatment (N), integer
-- variable: AGE, Age, integer
-- variable: AGEGR1N, Pooled Age Group 1 (N), integer
-- variable: RACEN, Race (N), integer
-- variable: ITTFL, Intent-to-Treat Population Flag, text
-- variable: AVISIT, Analysis Visit, text(16)
-- variable: AVISITN, Analysis Visit (N), integer
-- variable: VISIT, Visit Name, text(19)
-- variable: VISITNUM, Visit Number, integer
-- variable: ADY, Analysis Relative Day, integer
-- variable: ADT, Analysis Date, date
-- variable: PARAM, Parameter, text(100)
-- variable: PARAMCD, Parameter Code, text(8)
-- variable: PARAMN, Parameter (N), integer
-- variable: AVAL, Analysis Value, float
-- variable: BASE, Baseline Value, float
-- variable: CHG, Change from Baseline, float
-- variable: PCHG, Percent Change from Baseline, float
-- variable: ABLFL, Baseline Record Flag, text
-- variable: ANL01FL, Analysis Record Flag 01, text
-- variable: DTYPE, Derivation Type, text(7)
-- variable: AWRANGE, Analysis Window Valid Relative Range, text(9)
-- variable: AWTARGET, Analysis Window Target, integer
-- variable: AWTDIFF, Analysis Window Diff from Target, integer
-- variable: AWLO, Analysis Window Beginning Timepoint, integer
-- variable: AWHI, Analysis Window Ending Timepoint, integer
-- variable: AWU, Analysis Window Unit, text
-- variable: QSSEQ, Sequence Number, integer
-- method AVAL: The item's score; the total is the sum of its 11 items, in proportion to the highest possible sum where items are missing
-- method BASE: The value of the record that SDTM flags as baseline
-- method CHG: AVAL - BASE after baseline
-- method PCHG: 100 * CHG / BASE after baseline
-- method AVISITN: The window in which ADY falls; for a window without a total, the last total before it is carried forward
-- method ANL01FL: Y for the record nearest to the window's target, the later of two at the same distance
with totals as (
  select q.STUDYID, q.USUBJID, q.VISITNUM,
    sum(q.QSSTRESN) * (select sum(HIGHEST) from adas_items)
      / sum(case when q.QSSTRESN is not null then i.HIGHEST end) as TOTAL
  from QS as q
  inner join adas_items as i on i.QSTESTCD = q.QSTESTCD and i.HIGHEST is not null
  group by q.STUDYID, q.USUBJID, q.VISITNUM
),
scores as (
  select a.STUDYID, a.USUBJID, q.QSSEQ, q.VISIT, q.VISITNUM,
    q.QSTESTCD as PARAMCD,
    q.QSTEST as QSTEST,
    case when q.QSTESTCD = 'ACTOT' then t.TOTAL else q.QSSTRESN end as AVAL,
    q.QSBLFL as ABLFL,
    sas_date(q.QSDTC) as ADT,
    relative_day(sas_date(q.QSDTC), a.TRTSDT) as ADY
  from QS as q
  inner join ADSL as a on a.STUDYID = q.STUDYID and a.USUBJID = q.USUBJID
  left join totals as t on t.STUDYID = q.STUDYID and t.USUBJID = q.USUBJID and t.VISITNUM = q.VISITNUM
  where starts_with(q.QSTESTCD, 'ACITM') or q.QSTESTCD = 'ACTOT'
),
baseline as (
  select STUDYID, USUBJID, PARAMCD, max(AVAL) as BASE from scores where ABLFL = 'Y' group by STUDYID, USUBJID, PARAMCD
),
observed as (
  select s.STUDYID, s.USUBJID, s.QSSEQ, s.VISIT, s.VISITNUM, s.PARAMCD, s.QSTEST, s.AVAL, s.ABLFL, s.ADT, s.ADY, w.AVISITN
  from scores as s
  inner join windows as w on in_window(s.ADY, w.AWLO, w.AWHI)
),
carried as (
  select o.STUDYID, o.USUBJID, o.QSSEQ, o.VISIT, o.VISITNUM, o.PARAMCD, o.QSTEST, o.AVAL, o.ADT, o.ADY, w.AVISITN,
    row_number() over (partition by o.STUDYID, o.USUBJID, w.AVISITN
      order by o.ADT desc nulls last, o.QSSEQ desc nulls last, o.AVISITN nulls last) as BACK
  from observed as o
  inner join windows as w on w.AVISITN > o.AVISITN
  left join (select distinct STUDYID, USUBJID, AVISITN from observed where PARAMCD = 'ACTOT') as x
    on x.STUDYID = o.STUDYID and x.USUBJID = o.USUBJID and x.AVISITN = w.AVISITN
  where o.PARAMCD = 'ACTOT' and x.AVISITN is null
),
records as (
  select 'OBSERVED' as KIND, STUDYID, USUBJID, QSSEQ, VISIT, VISITNUM, PARAMCD, QSTEST, AVAL, ABLFL, ADT, ADY, AVISITN
  from observed
  union all
  select 'LOCF', STUDYID, USUBJID, QSSEQ, VISIT, VISITNUM, PARAMCD, QSTEST, AVAL, null, ADT, ADY, AVISITN
  from carried where BACK = 1
)
select
  a.STUDYID as STUDYID,
  a.SITEID as SITEID,
  a.SITEGR1 as SITEGR1,
  a.USUBJID as USUBJID,
  a.TRTSDT as TRTSDT,
  a.TRTEDT as TRTEDT,
  a.TRT01P as TRTP,
  a.TRT01PN as TRTPN,
  a.AGE as AGE,
  a.AGEGR1 as AGEGR1,
  a.AGEGR1N as AGEGR1N,
  a.RACE as RACE,
  a.RACEN as RACEN,
  a.SEX as SEX,
  a.ITTFL as ITTFL,
  a.EFFFL as EFFFL,
  a.COMP24FL as COMP24FL,
  w.AVISIT as AVISIT,
  w.AVISITN as AVISITN,
  r.VISIT as VISIT,
  r.VISITNUM as VISITNUM,
  r.ADY as ADY,
  r.ADT as ADT,
  initcap(r.QSTEST) as PARAM,
  r.PARAMCD as PARAMCD,
  coalesce(i.PARAMN, 15) as PARAMN,
  r.AVAL as AVAL,
  b.BASE as BASE,
  case when r.AVISITN > 0 then r.AVAL - b.BASE end as CHG,
  case when r.AVISITN > 0 then percent_change(r.AVAL, b.BASE) end as PCHG,
  r.ABLFL as ABLFL,
  case when row_number() over (partition by r.STUDYID, r.USUBJID, r.PARAMCD, r.AVISITN
    order by window_distance(r.ADY, w.AWTARGET) nulls last, r.ADT desc nulls last, r.QSSEQ desc nulls last,
      r.KIND nulls last) = 1 then 'Y' end as ANL01FL,
  nullif(r.KIND, 'OBSERVED') as DTYPE,
  w.AWRANGE as AWRANGE,
  w.AWTARGET as AWTARGET,
  window_distance(r.ADY, w.AWTARGET) as AWTDIFF,
  w.AWLO as AWLO,
  w.AWHI as AWHI,
  'DAYS' as AWU,
  r.QSSEQ as QSSEQ
from records as r
inner join ADSL as a on a.STUDYID = r.STUDYID and a.USUBJID = r.USUBJID
inner join windows as w on w.AVISITN = r.AVISITN
left join baseline as b on b.STUDYID = r.STUDYID and b.USUBJID = r.USUBJID and b.PARAMCD = r.PARAMCD
left join adas_items as i on i.QSTESTCD = r.PARAMCD
