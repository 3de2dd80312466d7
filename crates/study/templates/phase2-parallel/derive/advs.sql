-- dataset: ADVS, Vital Signs Analysis Dataset
-- class: BASIC DATA STRUCTURE
-- structure: One record per subject, parameter and analysis date
-- keys: STUDYID, USUBJID, PARAMCD, ADT, VSSEQ
-- variable: TRTP, Planned Treatment, text
-- variable: PARAM, Parameter, text
-- variable: PARAMCD, Parameter Code, text
-- variable: AVISIT, Analysis Visit, text
-- variable: AVISITN, Analysis Visit (N), integer
-- variable: AVAL, Analysis Value, float
-- variable: ABLFL, Baseline Record Flag, text
-- variable: VSSEQ, Sequence Number, integer
-- variable: ANL01FL, Analysis Flag 01, text
-- method AVISIT: The window (windows.csv) in which the day lies; up to the first dose it is the baseline
-- method ABLFL: The last value before the first dose (VSLOBXFL)
-- method BASE: The value of the record with the baseline flag
-- method CHG: Value minus baseline, after the baseline
-- method ANL01FL: Of several records in a window the one nearest to its planned day, of two at the same distance the later
with placed as (
  select
    v.STUDYID as STUDYID, v.USUBJID as USUBJID, v.VSSEQ as VSSEQ, v.VSTESTCD as VSTESTCD, v.VSPOS as VSPOS,
    v.VISITNUM as VISITNUM, v.VSDTC as VSDTC, v.VSTEST as VSTEST, v.VSSTRESN as VSSTRESN,
    v.VSSTRESU as VSSTRESU, v.VSLOBXFL as VSLOBXFL, sas_date(v.VSDTC) as ADT, relative_day(sas_date(v.VSDTC), a.TRTSDT) as ADY, w.AVISITN as AVISITN
  from VS as v
  inner join ADSL as a on a.STUDYID = v.STUDYID and a.USUBJID = v.USUBJID
  inner join windows as w on in_window(relative_day(sas_date(v.VSDTC), a.TRTSDT), w.AWLO, w.AWHI)
  where v.VSSTRESN is not null
),
chosen as (
  select
    p.STUDYID as STUDYID, p.USUBJID as USUBJID, p.VSSEQ as VSSEQ,
    row_number() over (
      partition by p.STUDYID, p.USUBJID, p.VSTESTCD, p.AVISITN
      order by case when p.VSLOBXFL = 'Y' then 0 else 1 end nulls last, window_distance(p.ADY, w.AWTARGET) nulls last,
        p.ADY desc nulls last, p.VISITNUM desc nulls last, p.VSDTC desc nulls last, p.VSPOS nulls last
    ) as PLACE
  from placed as p
  inner join windows as w on w.AVISITN = p.AVISITN
),
baseline as (
  select USUBJID, VSTESTCD, max(VSSTRESN) as BASE from placed where VSLOBXFL = 'Y' group by USUBJID, VSTESTCD
)
select
  a.STUDYID as STUDYID,
  a.USUBJID as USUBJID,
  a.SUBJID as SUBJID,
  a.TRT01P as TRTP,
  p.VSTEST || case when p.VSSTRESU is not null then ' (' || p.VSSTRESU || ')' else '' end as PARAM,
  p.VSTESTCD as PARAMCD,
  p.ADT as ADT,
  p.ADY as ADY,
  w.AVISIT as AVISIT,
  p.AVISITN as AVISITN,
  p.VSSTRESN as AVAL,
  b.BASE as BASE,
  case when p.ADT > a.TRTSDT then p.VSSTRESN - b.BASE end as CHG,
  p.VSLOBXFL as ABLFL,
  case when c.PLACE = 1 then 'Y' end as ANL01FL,
  p.VSSEQ as VSSEQ,
  a.FASFL as FASFL
from placed as p
inner join ADSL as a on a.USUBJID = p.USUBJID
left join windows as w on w.AVISITN = p.AVISITN
left join baseline as b on b.USUBJID = p.USUBJID and b.VSTESTCD = p.VSTESTCD
left join chosen as c on c.STUDYID = p.STUDYID and c.USUBJID = p.USUBJID and c.VSSEQ = p.VSSEQ
