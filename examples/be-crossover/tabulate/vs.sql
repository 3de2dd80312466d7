-- dataset: VS
-- keys: STUDYID, USUBJID, VSTESTCD, VISITNUM, VSDTC
-- sequence: VSSEQ within USUBJID
-- method VSLOBXFL: The last measurement before the first dose of study treatment
with long as (
  select SUBJECT, VISIT, SEQ, VSTPT, VSDAT, 'SYSBP' as TESTCD, 'Systolic Blood Pressure' as TEST,
    SYSBP as RESULT, SYSBP__text as RESULTC, SYSBP__unit as UNIT from vital_signs
  union all
  select SUBJECT, VISIT, SEQ, VSTPT, VSDAT, 'DIABP', 'Diastolic Blood Pressure', DIABP, DIABP__text, DIABP__unit from vital_signs
  union all
  select SUBJECT, VISIT, SEQ, VSTPT, VSDAT, 'PULSE', 'Pulse Rate', PULSE, PULSE__text, PULSE__unit from vital_signs
  union all
  select SUBJECT, VISIT, SEQ, VSTPT, VSDAT, 'HEIGHT', 'Height', HEIGHT, HEIGHT__text, HEIGHT__unit from vital_signs
  where HEIGHT__text is not null
  union all
  select SUBJECT, VISIT, SEQ, VSTPT, VSDAT, 'WEIGHT', 'Weight', WEIGHT, WEIGHT__text, WEIGHT__unit from vital_signs
  where WEIGHT__text is not null
),
before_dose as (
  select l.SUBJECT as SUBJECT, l.TESTCD as TESTCD, max(l.VSDAT) as LASTDTC
  from long as l
  inner join DM as m on m.SUBJID = l.SUBJECT
  where is_before(l.VSDAT, m.RFSTDTC) and l.RESULT is not null
  group by l.SUBJECT, l.TESTCD
)
select
  m.STUDYID as STUDYID,
  'VS' as DOMAIN,
  m.USUBJID as USUBJID,
  0 as VSSEQ,
  l.TESTCD as VSTESTCD,
  l.TEST as VSTEST,
  l.RESULTC as VSORRES,
  l.UNIT as VSORRESU,
  text(l.RESULT) as VSSTRESC,
  l.RESULT as VSSTRESN,
  l.UNIT as VSSTRESU,
  case when l.RESULT is null then 'NOT DONE' end as VSSTAT,
  case when b.LASTDTC is not null then 'Y' end as VSLOBXFL,
  v.NUMBER as VISITNUM,
  v.NAME as VISIT,
  v.DAY as VISITDY,
  v.EPOCH as EPOCH,
  l.VSDAT as VSDTC,
  study_day(l.VSDAT, m.RFSTDTC) as VSDY,
  case when v.PERIOD is not null then l.VSTPT end as VSTPT,
  case l.VSTPT when 'PREDOSE' then 0 when '2 H' then 2 when '24 H' then 24 end as VSTPTNUM
from long as l
inner join DM as m on m.SUBJID = l.SUBJECT
left join visits as v on v.CODE = l.VISIT
left join before_dose as b on b.SUBJECT = l.SUBJECT and b.TESTCD = l.TESTCD and b.LASTDTC = l.VSDAT
