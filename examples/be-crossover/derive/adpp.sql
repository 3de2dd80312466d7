-- dataset: ADPP, PK Parameters Analysis Dataset
-- class: BASIC DATA STRUCTURE
-- structure: One record per subject, period and parameter
-- keys: STUDYID, USUBJID, APERIOD, PARAMCD
-- variable: PKFL, Pharmacokinetic Population Flag, text
-- variable: TRTACD, Actual Treatment (Code), text
-- method AVAL: The parameter as calculated; absent with its reason in PPREASND when not calculable
select
  a.STUDYID as STUDYID,
  a.USUBJID as USUBJID,
  a.SUBJID as SUBJID,
  a.TRTSEQA as TRTSEQA,
  x.APERIOD as APERIOD,
  x.TRTA as TRTA,
  x.TRTACD as TRTACD,
  x.DOSEA as DOSEA,
  p.PPTESTCD as PARAMCD,
  p.PPTEST as PARAM,
  p.PPSTRESN as AVAL,
  p.PPSTRESU as AVALU,
  p.PPREASND as PPREASND,
  p.PPSEQ as PPSEQ,
  a.PKFL as PKFL,
  a.COMPLFL as COMPLFL
from PP as p
inner join ADSL as a on a.USUBJID = p.USUBJID
inner join ADEX as x on x.USUBJID = p.USUBJID and x.ASTDTC = p.PPRFTDTC
