-- dataset: ADQSCIBC, CIBIC+ Analysis
-- class: BASIC DATA STRUCTURE
-- structure: one record per subject per parameter per analysis visit per analysis date
-- keys: STUDYID, USUBJID, PARAMCD, AVISITN, ADT
-- variable: TRTP, Planned Treatment, text
-- variable: TRTPN, Planned Treatment (N), integer 8.
-- variable: AGE, Age, integer 8.
-- variable: AGEGR1N, Pooled Age Group 1 (N), integer 8.
-- variable: RACEN, Race (N), integer 8.
-- variable: ITTFL, Intent-to-Treat Population Flag, text
-- variable: AVISIT, Analysis Visit, text(16)
-- variable: AVISITN, Analysis Visit (N), integer 8.1
-- variable: VISIT, Visit Name, text(19)
-- variable: VISITNUM, Visit Number, float
-- variable: ADY, Analysis Relative Day, integer 8.
-- variable: ADT, Analysis Date, date
-- variable: PARAMCD, Parameter Code, text
-- variable: PARAM, Parameter, text(100)
-- variable: PARAMN, Parameter (N), integer 8.
-- variable: AVAL, Analysis Value, integer
-- variable: ANL01FL, Analysis Record Flag 01, text
-- variable: DTYPE, Derivation Type, text(7)
-- variable: AWRANGE, Analysis Window Valid Relative Range, text(9)
-- variable: AWTARGET, Analysis Window Target, integer
-- variable: AWTDIFF, Analysis Window Diff from Target, integer
-- variable: AWLO, Analysis Window Beginning Timepoint, integer
-- variable: AWHI, Analysis Window Ending Timepoint, integer
-- variable: AWU, Analysis Window Unit, text
-- variable: QSSEQ, Sequence Number, integer
-- method AVISITN: The window in which ADY falls; for a window without a record, the last record before it is carried forward
-- method ANL01FL: Y for the record nearest to the window's target, the later of two at the same distance
with scores as (
  select a.STUDYID, a.USUBJID, q.QSSEQ, q.VISIT, q.VISITNUM, q.QSSTRESN as AVAL,
    sas_date(q.QSDTC) as ADT,
    relative_day(sas_date(q.QSDTC), a.TRTSDT) as ADY
  from QS as q
  inner join ADSL as a on a.STUDYID = q.STUDYID and a.USUBJID = q.USUBJID
  where q.QSTESTCD = 'CIBIC'
),
observed as (
  select s.STUDYID, s.USUBJID, s.QSSEQ, s.VISIT, s.VISITNUM, s.AVAL, s.ADT, s.ADY, w.AVISITN
  from scores as s
  inner join windows as w on in_window(s.ADY, w.AWLO, w.AWHI)
),
carried as (
  select o.STUDYID, o.USUBJID, o.QSSEQ, o.VISIT, o.VISITNUM, o.AVAL, o.ADT, o.ADY, w.AVISITN,
    row_number() over (partition by o.STUDYID, o.USUBJID, w.AVISITN
      order by o.ADT desc nulls last, o.QSSEQ desc nulls last, o.AVISITN nulls last) as BACK
  from observed as o
  inner join windows as w on w.AVISITN > o.AVISITN
  left join (select distinct STUDYID, USUBJID, AVISITN from observed) as x
    on x.STUDYID = o.STUDYID and x.USUBJID = o.USUBJID and x.AVISITN = w.AVISITN
  where x.AVISITN is null
),
records as (
  select 'OBSERVED' as KIND, STUDYID, USUBJID, QSSEQ, VISIT, VISITNUM, AVAL, ADT, ADY, AVISITN from observed
  union all
  select 'LOCF', STUDYID, USUBJID, QSSEQ, VISIT, VISITNUM, AVAL, ADT, ADY, AVISITN from carried where BACK = 1
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
  'CIBICVAL' as PARAMCD,
  'CIBIC Score' as PARAM,
  1 as PARAMN,
  r.AVAL as AVAL,
  case when row_number() over (partition by r.STUDYID, r.USUBJID, r.AVISITN
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
