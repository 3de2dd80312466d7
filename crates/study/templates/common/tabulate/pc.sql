-- dataset: PC
-- keys: STUDYID, USUBJID, PCTESTCD, VISITNUM, PCTPTNUM
-- sequence: PCSEQ within USUBJID
-- method PCSTRESN: The result as a number; absent when below the limit of quantification or not done
select
  m.STUDYID as STUDYID,
  'PC' as DOMAIN,
  m.USUBJID as USUBJID,
  0 as PCSEQ,
  p.PCSMPID as PCREFID,
  s.ANALYTECD as PCTESTCD,
  upper(s.ANALYTE) as PCTEST,
  'ANALYTE' as PCCAT,
  r.CONC__text as PCORRES,
  r.CONC__unit as PCORRESU,
  case when r.CONC__missing = 'BLQ' then r.CONC__text else text(r.CONC) end as PCSTRESC,
  r.CONC as PCSTRESN,
  r.CONC__unit as PCSTRESU,
  case when r.CONC is null and coalesce(r.CONC__missing, '') <> 'BLQ' then 'NOT DONE' end as PCSTAT,
  case
    when r.CONC is not null or r.CONC__missing = 'BLQ' then null
    when r.CONC__missing is not null then r.CONC__missing
    when p.PCDAT is null then 'Sample not taken'
    else 'No result reported'
  end as PCREASND,
  s.LABORATORY as PCNAM,
  s.SPECIMEN as PCSPEC,
  s.ASSAY as PCMETHOD,
  r.LLOQ as PCLLOQ,
  v.NUMBER as VISITNUM,
  v.NAME as VISIT,
  v.DAY as VISITDY,
  v.EPOCH as EPOCH,
  p.PCDAT as PCDTC,
  study_day(p.PCDAT, m.RFSTDTC) as PCDY,
  case when p.PCTPTNUM = 0 then 'Predose' else text(p.PCTPTNUM) || ' h after dose' end as PCTPT,
  p.PCTPTNUM as PCTPTNUM,
  'DOSE OF PERIOD ' || text(v.PERIOD) as PCTPTREF,
  d.EXSTDAT as PCRFTDTC
from pk_samples as p
cross join study as s
inner join DM as m on m.SUBJID = p.SUBJECT
left join visits as v on v.CODE = p.VISIT
left join dosing as d on d.SUBJECT = p.SUBJECT and d.VISIT = p.VISIT
left join pk_results as r on r.SUBJECT = p.SUBJECT and r.LBSMPID = p.PCSMPID
