-- dataset: ADPC, PK Concentrations Analysis Dataset
-- class: BASIC DATA STRUCTURE
-- structure: One record per subject, analyte, period and planned time
-- keys: STUDYID, USUBJID, PARAMCD, APERIOD, NRRLT
-- variable: PKFL, Pharmacokinetic Population Flag, text
-- variable: TRTACD, Actual Treatment (Code), text
-- variable: BLQFL, Below Quantification Flag, text
-- variable: NCAXFL, PK NCA Exclusion Flag, text
-- method AVAL: The concentration; absent when not done; below quantification as the analysis' named rule says
-- method ARRLT: Hours from the dose of the period to the sample, by the clock times recorded; 0 before the dose
-- method PCRFTTM: Seconds from midnight of the time of PCRFTDTC
-- method NCAXFL: Y when there is no sample
select
  a.STUDYID as STUDYID,
  a.USUBJID as USUBJID,
  a.SUBJID as SUBJID,
  a.TRTSEQA as TRTSEQA,
  c.PCTESTCD as PARAMCD,
  c.PCTEST || ' (' || s.SPECIMEN || ')' as PARAM,
  x.APERIOD as APERIOD,
  x.TRTA as TRTA,
  x.TRTACD as TRTACD,
  x.DOSEA as DOSEA,
  x.DOSEU as DOSEU,
  initcap(c.VISIT) as AVISIT,
  c.PCSTRESN as AVAL,
  c.PCSTRESU as AVALU,
  c.PCLLOQ as ALLOQ,
  case when c.PCSTAT is null and c.PCSTRESN is null then 'Y' end as BLQFL,
  c.PCTPTNUM as NRRLT,
  case when c.PCTPTNUM = 0 then 0 else hours_between(x.ASTDTC, c.PCDTC) end as ARRLT,
  'h' as RRLTU,
  c.PCSTRESC as PCSTRESC,
  c.PCSEQ as PCSEQ,
  x.ASTDTC as PCRFTDTC,
  sas_date(x.ASTDTC) as PCRFTDT,
  sas_datetime(x.ASTDTC) - sas_date(x.ASTDTC) * 86400 as PCRFTTM,
  sas_datetime(x.ASTDTC) as PCRFTDTM,
  c.PCTPTREF as PCTPTREF,
  case when c.PCSTAT is not null then 'Y' end as NCAXFL,
  a.PKFL as PKFL,
  a.COMPLFL as COMPLFL
from PC as c
cross join study as s
inner join ADSL as a on a.USUBJID = c.USUBJID
inner join visits as v on v.NUMBER = c.VISITNUM
inner join ADEX as x on x.USUBJID = c.USUBJID and x.APERIOD = v.PERIOD
