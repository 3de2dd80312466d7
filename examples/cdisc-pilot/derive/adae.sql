-- dataset: ADAE, Adverse Events Analysis Dataset
-- class: OCCURRENCE DATA STRUCTURE
-- structure: one record per subject per adverse event
-- keys: STUDYID, USUBJID, AESEQ
-- variable: TRTA, Actual Treatment, text
-- variable: TRTAN, Actual Treatment (N), integer
-- variable: ASTDT, Analysis Start Date, date
-- variable: ASTDTF, Analysis Start Date Imputation Flag, text
-- variable: ASTDY, Analysis Start Relative Day, integer
-- variable: AENDT, Analysis End Date, date
-- variable: AENDY, Analysis End Relative Day, integer
-- variable: ADURN, AE Duration (N), integer
-- variable: ADURU, AE Duration Units, text
-- variable: AETERM, Reported Term for the Adverse Event, text(46)
-- variable: AELLT, Lowest Level Term, text(46)
-- variable: AELLTCD, Lowest Level Term Code, integer
-- variable: AEDECOD, Dictionary-Derived Term, text(46)
-- variable: AEPTCD, Preferred Term Code, integer
-- variable: AEHLT, High Level Term, text(8)
-- variable: AEHLTCD, High Level Term Code, integer
-- variable: AEHLGT, High Level Group Term, text(9)
-- variable: AEHLGTCD, High Level Group Term Code, integer
-- variable: AEBODSYS, Body System or Organ Class, text(67)
-- variable: AESOC, Primary System Organ Class, text(67)
-- variable: AESOCCD, Primary System Organ Class Code, integer
-- variable: AESEV, Severity/Intensity, text(8)
-- variable: AEREL, Causality, text(8)
-- variable: AEACN, Action Taken with Study Treatment, text(1)
-- variable: AEOUT, Outcome of Adverse Event, text(26)
-- variable: TRTEMFL, Treatment Emergent Analysis Flag, text
-- variable: AOCCFL, 1st Occurrence of Any AE Flag, text
-- variable: AOCCSFL, 1st Occurrence of SOC Flag, text
-- variable: AOCCPFL, 1st Occurrence of Preferred Term Flag, text
-- variable: AOCC02FL, 1st Occurrence 02 Flag for Serious, text
-- variable: AOCC03FL, 1st Occurrence 03 Flag for Serious SOC, text
-- variable: AOCC04FL, 1st Occurrence 04 Flag for Serious PT, text
-- variable: CQ01NAM, Customized Query 01 Name, text
-- variable: AOCC01FL, 1st Occurrence 01 Flag for CQ01, text
-- method ASTDT: AESTDTC; the first of the month where only the day is missing, none where the month is
-- method ADURN: AENDT - ASTDT + 1; none for an imputed start
-- method TRTEMFL: Y when the event began on or after the first dose
-- method CQ01NAM: Dermatologic events: application, dermatitis, erythema or blister in the preferred term, or a skin disorder other than cold sweat, hyperhidrosis and alopecia
-- method AOCCFL: First treatment-emergent event of the subject, by start date and sequence number
with dated as (
  select e.STUDYID, e.USUBJID, e.AESEQ, e.AEDECOD, e.AEBODSYS, e.AESER,
    sas_date(impute_date(e.AESTDTC, 'first', 'day')) as ASTDT,
    impute_date_flag(e.AESTDTC, 'first', 'day') as ASTDTF,
    sas_date(e.AEENDTC) as AENDT,
    a.TRTSDT,
    case
      when matches(e.AEDECOD, 'APPLICATION|DERMATITIS|ERYTHEMA|BLISTER')
        or (e.AEBODSYS = 'SKIN AND SUBCUTANEOUS TISSUE DISORDERS'
          and e.AEDECOD not in ('COLD SWEAT', 'HYPERHIDROSIS', 'ALOPECIA'))
      then 'DERMATOLOGIC EVENTS'
    end as CQ01NAM
  from AE as e
  inner join ADSL as a on a.STUDYID = e.STUDYID and a.USUBJID = e.USUBJID
),
flagged as (
  select STUDYID, USUBJID, AESEQ, AEDECOD, AEBODSYS, AESER, ASTDT, CQ01NAM,
    case when ASTDT >= TRTSDT then 'Y' else 'N' end as TRTEMFL
  from dated
),
-- Places among the treatment-emergent events; those that are not get places of their own behind them.
places as (
  select STUDYID, USUBJID, AESEQ,
    row_number() over (partition by STUDYID, USUBJID, TRTEMFL
      order by ASTDT nulls last, AESEQ nulls last) as ANY_EVENT,
    row_number() over (partition by STUDYID, USUBJID, TRTEMFL, AEBODSYS
      order by ASTDT nulls last, AESEQ nulls last) as SOC,
    row_number() over (partition by STUDYID, USUBJID, TRTEMFL, AEBODSYS, AEDECOD
      order by ASTDT nulls last, AESEQ nulls last) as TERM,
    row_number() over (partition by STUDYID, USUBJID, TRTEMFL, AESER
      order by ASTDT nulls last, AESEQ nulls last) as SERIOUS,
    row_number() over (partition by STUDYID, USUBJID, TRTEMFL, AESER, AEBODSYS
      order by ASTDT nulls last, AESEQ nulls last) as SERIOUS_SOC,
    row_number() over (partition by STUDYID, USUBJID, TRTEMFL, AESER, AEBODSYS, AEDECOD
      order by ASTDT nulls last, AESEQ nulls last) as SERIOUS_TERM,
    row_number() over (partition by STUDYID, USUBJID, TRTEMFL, CQ01NAM
      order by ASTDT nulls last, AESEQ nulls last) as DERMATOLOGIC
  from flagged
)
select
  e.STUDYID as STUDYID,
  a.SITEID as SITEID,
  e.USUBJID as USUBJID,
  a.TRT01A as TRTA,
  a.TRT01AN as TRTAN,
  a.AGE as AGE,
  a.AGEGR1 as AGEGR1,
  a.AGEGR1N as AGEGR1N,
  a.RACE as RACE,
  a.RACEN as RACEN,
  a.SEX as SEX,
  a.SAFFL as SAFFL,
  a.TRTSDT as TRTSDT,
  a.TRTEDT as TRTEDT,
  d.ASTDT as ASTDT,
  d.ASTDTF as ASTDTF,
  relative_day(d.ASTDT, a.TRTSDT) as ASTDY,
  d.AENDT as AENDT,
  relative_day(d.AENDT, a.TRTSDT) as AENDY,
  case when d.ASTDTF is null then d.AENDT - d.ASTDT + 1 end as ADURN,
  case when d.ASTDTF is null and d.AENDT - d.ASTDT is not null then 'DAY' end as ADURU,
  e.AETERM as AETERM,
  e.AELLT as AELLT,
  e.AELLTCD as AELLTCD,
  e.AEDECOD as AEDECOD,
  e.AEPTCD as AEPTCD,
  e.AEHLT as AEHLT,
  e.AEHLTCD as AEHLTCD,
  e.AEHLGT as AEHLGT,
  e.AEHLGTCD as AEHLGTCD,
  e.AEBODSYS as AEBODSYS,
  e.AESOC as AESOC,
  e.AESOCCD as AESOCCD,
  e.AESEV as AESEV,
  e.AESER as AESER,
  e.AESCAN as AESCAN,
  e.AESCONG as AESCONG,
  e.AESDISAB as AESDISAB,
  e.AESDTH as AESDTH,
  e.AESHOSP as AESHOSP,
  e.AESLIFE as AESLIFE,
  e.AESOD as AESOD,
  e.AEREL as AEREL,
  e.AEACN as AEACN,
  e.AEOUT as AEOUT,
  e.AESEQ as AESEQ,
  f.TRTEMFL as TRTEMFL,
  case when f.TRTEMFL = 'Y' and p.ANY_EVENT = 1 then 'Y' end as AOCCFL,
  case when f.TRTEMFL = 'Y' and p.SOC = 1 then 'Y' end as AOCCSFL,
  case when f.TRTEMFL = 'Y' and p.TERM = 1 then 'Y' end as AOCCPFL,
  case when f.TRTEMFL = 'Y' and e.AESER = 'Y' and p.SERIOUS = 1 then 'Y' end as AOCC02FL,
  case when f.TRTEMFL = 'Y' and e.AESER = 'Y' and p.SERIOUS_SOC = 1 then 'Y' end as AOCC03FL,
  case when f.TRTEMFL = 'Y' and e.AESER = 'Y' and p.SERIOUS_TERM = 1 then 'Y' end as AOCC04FL,
  d.CQ01NAM as CQ01NAM,
  case when f.TRTEMFL = 'Y' and d.CQ01NAM is not null and p.DERMATOLOGIC = 1 then 'Y' end as AOCC01FL
from AE as e
inner join ADSL as a on a.STUDYID = e.STUDYID and a.USUBJID = e.USUBJID
inner join dated as d on d.STUDYID = e.STUDYID and d.USUBJID = e.USUBJID and d.AESEQ = e.AESEQ
inner join flagged as f on f.STUDYID = e.STUDYID and f.USUBJID = e.USUBJID and f.AESEQ = e.AESEQ
inner join places as p on p.STUDYID = e.STUDYID and p.USUBJID = e.USUBJID and p.AESEQ = e.AESEQ
