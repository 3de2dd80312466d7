-- dataset: ADEX, Exposure Analysis Dataset
-- class: OCCURRENCE DATA STRUCTURE
-- structure: One record per subject and period
-- keys: STUDYID, USUBJID, APERIOD
-- variable: APERIOD, Period, integer
-- variable: TRTA, Actual Treatment, text
-- variable: TRTACD, Actual Treatment (Code), text
-- variable: DOSEA, Actual Treatment Dose, float
-- variable: DOSEU, Treatment Dose Units, text
-- variable: ASTDTC, Date and Time of Dosing, text
-- method APERIOD: Period of the epoch in which the dose was given
select
  a.STUDYID as STUDYID,
  a.USUBJID as USUBJID,
  a.SUBJID as SUBJID,
  a.TRTSEQA as TRTSEQA,
  v.PERIOD as APERIOD,
  t.LABEL as TRTA,
  t.CODE as TRTACD,
  x.EXTRT as EXTRT,
  x.EXDOSE as DOSEA,
  x.EXDOSU as DOSEU,
  x.EXSTDTC as ASTDTC,
  a.SAFFL as SAFFL,
  a.PKFL as PKFL
from EX as x
inner join ADSL as a on a.USUBJID = x.USUBJID
inner join treatments as t on t.NAME = x.EXTRT
inner join visits as v on v.EPOCH = x.EPOCH
