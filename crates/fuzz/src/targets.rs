//! Which parsers are there, and what do they read when all is well?

use croft_cdisc::files::{self, Format, SaveOptions, Source};
use croft_cdisc::fuzz as cdisc;
use croft_cdisc::xpt::Version;
use croft_conform::fuzz as conform;
use croft_core::fuzz as core;
use croft_core::{Cell, DataType, Dataset, Kind, Missing, Variable};
use croft_jsonata::fuzz as jsonata;
use croft_pk::fuzz as pk;
use croft_query::fuzz as query;
use croft_report::fuzz as report;
use croft_study::fuzz as study;
use croft_trial::fuzz as trial;

/// One entry point with well-formed inputs to begin from.
#[derive(Clone)]
pub struct Target {
    /// Name on the command line: the function's without `fuzz_`.
    pub name: &'static str,
    /// The entry point.
    pub function: fn(&[u8]),
    /// Inputs that are read without complaint, or nearly.
    pub seeds: Vec<Vec<u8>>,
}

fn target(name: &'static str, function: fn(&[u8]), seeds: &[&[u8]]) -> Target {
    Target { name, function, seeds: seeds.iter().map(|s| s.to_vec()).collect() }
}

/// A target whose seeds are a small dataset in these formats.
fn file(name: &'static str, function: fn(&[u8]), formats: &[(Format, Version)]) -> Target {
    let seeds = formats.iter().map(|&(format, version)| written(format, version)).collect();
    Target { name, function, seeds }
}

/// The first page of a rule that comes with the program.
fn own_page() -> Option<Vec<u8>> {
    croft_conform::own::pages().next().map(|(_, text)| text.as_bytes().to_vec())
}

/// Texts that need quotes and two bytes, a date, numbers of several sizes, missing values of two kinds.
fn written(format: Format, version: Version) -> Vec<u8> {
    let date = Variable::new("ADT", "Date", Kind::Num, DataType::Date);
    let variables = vec![Variable::char("ID", "Subject"), Variable::num("X", "Value"), date];
    let mut data = Dataset::new("PC", "Concentrations", variables);
    data.push_row([Cell::Text("S1, \"é\""), Cell::Num(0.1), Cell::Num(20_000.0)]);
    data.push_row([Cell::Text(""), Cell::MissingNum(Missing::ORDINARY), Cell::Num(1.0)]);
    data.push_row([Cell::Text("S3"), Cell::Num(-1e6), Cell::MissingNum(Missing::ORDINARY)]);
    let options = SaveOptions { version: Some(version), ..SaveOptions::default() };
    match files::save(&data, &Source::Csv, format, &options) {
        Ok((bytes, _)) => bytes,
        Err(error) => panic!("the seed must be a file that can be written: {error}"),
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let done = lzma_rs::xz_compress(&mut &bytes[..], &mut packed);
    assert!(done.is_ok(), "writing to memory cannot fail");
    packed
}

/// Terminology as NCI EVS publish it, between tabs.
const CT_EVS: &[u8] = b"Code\tCodelist Code\tCodelist Extensible (Yes/No)\tCodelist Name\tCDISC Submission Value\tCDISC Synonym(s)\tCDISC Definition\tNCI Preferred Term
C66731\t\tNo\tSex\tSEX\tSex\tWords.\tCDISC Sex Terminology
C16576\tC66731\t\tSex\tF\tFemale; Woman\tWords.\tFemale
";

/// The same, one row a term.
const CT_ROWS: &[u8] = b"codelist_code,codelist_submission_value,codelist_name,extensible,term_code,term_submission_value,term_preferred,synonyms
C66731,SEX,Sex,False,C16576,F,Female,Woman
C66731,SEX,Sex,False,C20197,M,\"Male, Man\",
";

/// The same as ODM.
const CT_ODM: &[u8] = br#"<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:nciodm="http://ncicb.nci.nih.gov/xml/odm/EVS/CDISC" FileOID="CDISC_CT.SDTM.2025-03-28">
<Study OID="CDISC_CT.SDTM.2025-03-28"><MetaDataVersion OID="V" Name="SDTM"><CodeList OID="CL.C66731.SEX" Name="Sex" DataType="text" nciodm:ExtCodeID="C66731" nciodm:CodeListExtensible="No">
<EnumeratedItem CodedValue="F" nciodm:ExtCodeID="C16576"><nciodm:CDISCSynonym>Woman; Girl</nciodm:CDISCSynonym><nciodm:PreferredTerm>Female</nciodm:PreferredTerm></EnumeratedItem>
<nciodm:CDISCSubmissionValue>SEX</nciodm:CDISCSubmissionValue></CodeList></MetaDataVersion></Study></ODM>"#;

/// The text of a package in croft's own form; `#0` stands for the packed length of the group below.
const CT_STORE: &[u8] = b"croft-ct\t1
package\tsdtmct\t2025-03-28
source\ttyped here
group\t#0
codelist\tC66731\tSEX\tSex\tno\t2
codelist\tC66742\tNY\tNo Yes Response\tno\t1

C16576\tF\tFemale\tWoman; Girl
\tM\tMale\t
C49488\tY\tYes\tYes
";

/// A reporting event with each kind of clause, a percentage, a test, results, a display.
const ARS: &[u8] = br#"{"id":"RE","name":"Event","version":1,"mainListOfContents":{"name":"All","contentsList":{"listItems":[{"name":"T","level":1,"order":1,"outputId":"O","sublist":{"listItems":[
{"name":"N","level":2,"order":1,"analysisId":"A1"},{"name":"Sex","level":2,"order":2,"analysisId":"A2"},{"name":"p","level":2,"order":3,"analysisId":"A3"}]}}]}},
"analysisSets":[{"id":"S","name":"Safety","level":1,"order":1,"condition":{"dataset":"ADSL","variable":"SAFFL","comparator":"EQ","value":["Y"]}}],
"dataSubsets":[{"id":"D","name":"Old","level":1,"order":1,"compoundExpression":{"logicalOperator":"OR","whereClauses":[{"level":2,"order":1,"subClauseId":"E"},{"level":2,"order":2,"condition":{"dataset":"ADSL","variable":"AGE","comparator":"GE","value":["65"]}}]}},
{"id":"E","name":"No F","level":1,"order":2,"compoundExpression":{"logicalOperator":"NOT","whereClauses":[{"level":2,"order":1,"condition":{"dataset":"ADSL","variable":"SEX","comparator":"IN","value":["F"]}}]}}],
"analysisGroupings":[{"id":"T","name":"Treatment","dataDriven":false,"groupingDataset":"ADSL","groupingVariable":"TRT","groups":[{"id":"TA","name":"A","level":1,"order":1,"condition":{"dataset":"ADSL","variable":"TRT","comparator":"EQ","value":["A"]}},
{"id":"TB","name":"B","level":1,"order":2,"condition":{"dataset":"ADSL","variable":"TRT","comparator":"NE","value":["A"]}}]},{"id":"X","name":"Sex","dataDriven":true,"groupingDataset":"ADSL","groupingVariable":"SEX"}],
"methods":[{"id":"M1","name":"Count","operations":[{"id":"N","name":"Count of subjects","order":1,"resultPattern":"(N=XX)"}]},
{"id":"M2","name":"Share","operations":[{"id":"n","name":"Count of subjects","order":1,"resultPattern":"XX"},{"id":"pct","name":"Percent of subjects","order":2,"resultPattern":"( XX.X)","referencedOperationRelationships":[
{"id":"R1","referencedOperationRole":{"controlledTerm":"NUMERATOR"},"operationId":"n"},{"id":"R2","referencedOperationRole":{"controlledTerm":"DENOMINATOR"},"operationId":"N"}]}]},
{"id":"M3","name":"ANOVA","operations":[{"id":"p","name":"P-value","order":1,"resultPattern":"X.XXXX"}]},{"id":"M4","name":"Summary","operations":[{"id":"mean","name":"Mean","order":1,"resultPattern":"XX.X"},{"id":"q1","name":"First quartile","order":2}]}],
"analyses":[{"id":"A1","name":"N","reason":{"controlledTerm":"SPECIFIED IN SAP"},"purpose":{"controlledTerm":"PRIMARY OUTCOME MEASURE"},"methodId":"M1","dataset":"ADSL","variable":"USUBJID","analysisSetId":"S","orderedGroupings":[{"order":1,"groupingId":"T","resultsByGroup":true}]},
{"id":"A2","name":"Sex","reason":{"controlledTerm":"SPECIFIED IN SAP"},"purpose":{"controlledTerm":"PRIMARY OUTCOME MEASURE"},"methodId":"M2","dataset":"ADSL","variable":"USUBJID","analysisSetId":"S","dataSubsetId":"D","orderedGroupings":[{"order":1,"groupingId":"T","resultsByGroup":true},{"order":2,"groupingId":"X","resultsByGroup":true}],
"referencedAnalysisOperations":[{"referencedOperationRelationshipId":"R1","analysisId":"A2"},{"referencedOperationRelationshipId":"R2","analysisId":"A1"}],"results":[{"operationId":"n","resultGroups":[{"groupingId":"T","groupId":"TA"},{"groupingId":"X","groupValue":"M"}],"rawValue":"1","formattedValue":"1"}]},
{"id":"A3","name":"p","reason":{"controlledTerm":"DATA DRIVEN"},"purpose":{"controlledTerm":"EXPLORATORY OUTCOME MEASURE"},"methodId":"M3","dataset":"ADSL","variable":"AGE","orderedGroupings":[{"order":1,"groupingId":"T","resultsByGroup":false}]},
{"id":"A4","name":"Age","reason":{"controlledTerm":"DATA DRIVEN"},"purpose":{"controlledTerm":"EXPLORATORY OUTCOME MEASURE"},"methodId":"M4","dataset":"ADSL","variable":"AGE","orderedGroupings":[{"order":1,"groupingId":"X","resultsByGroup":true}]}],
"outputs":[{"id":"O","name":"Table","displays":[{"order":1,"display":{"id":"DI","name":"T1","displaySections":[{"sectionType":"Title","orderedSubSections":[{"order":1,"subSection":{"id":"L1","text":"Table 1. Sex"}}]},{"sectionType":"Footnote","orderedSubSections":[{"order":1,"subSectionId":"L1"}]}]}}]}]}"#;

/// A form with a condition, computations and checks, on its row and beyond it.
const FORM: &[u8] = br#"form = "F"
label = "F"
visits = ["V1"]
when = "VISIT = 'V1'"
[[group]]
name = "g"
label = "G"
repeating = true
[[group.item]]
name = "A"
label = "A"
type = "integer"
required = true
[[group.item]]
name = "B"
label = "B"
type = "text"
when = "A > 1 or A is null"
codes = { Y = "Yes", N = "No" }
[[group.item]]
name = "C"
label = "C"
type = "float"
derive = "round_half_away(A / 3, 1) + (select count(*) from g o where o.SEQ < g.SEQ)"
[[group.check]]
name = "R"
item = "A"
holds = "A between 1 and 9 and coalesce(B, 'Y') in ('Y', 'N')"
message = "{A}"
case = [{ values = { A = "0" }, fires = true }, { values = { A = "5" }, fires = false }]
"#;

/// The payload of a save.
const SAVED: &[u8] = br#"{"study":"S","subject":"1","visit":"V1","visit_repeat":1,"form":"F","form_repeat":1,"version":1,"complete":true,
"changes":[{"group":"g","row":1,"item":"A","text":"5","before":{"text":"4"},"reason":"misread"},{"group":"g","row":2,"item":"B","text":"yes","value":"Y"}],
"voids":[{"group":"g","row":3,"reason":"twice"}]}"#;

/// A definition with a check, a condition and a computation, and data of a subject.
const ODM: &[u8] = br#"<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" FileOID="f"><Study OID="S"><MetaDataVersion OID="1" Name="1">
<StudyEventDef OID="V" Name="V" Repeating="Yes" Type="Scheduled"><FormRef FormOID="F" Mandatory="Yes"/></StudyEventDef>
<FormDef OID="F" Name="F" Repeating="No"><ItemGroupRef ItemGroupOID="G" Mandatory="Yes"/><ItemGroupRef ItemGroupOID="H" Mandatory="No"/></FormDef>
<ItemGroupDef OID="G" Name="G" Repeating="No"><ItemRef ItemOID="I.1" Mandatory="Yes"/>
<ItemRef ItemOID="I.2" Mandatory="No" CollectionExceptionConditionOID="C"/></ItemGroupDef>
<ItemGroupDef OID="H" Name="H" Repeating="No"><ItemRef ItemOID="I.3" Mandatory="No" MethodOID="M"/></ItemGroupDef>
<ItemDef OID="I.1" Name="a" DataType="integer"><RangeCheck Comparator="LE" SoftHard="Soft"><CheckValue>9</CheckValue></RangeCheck></ItemDef>
<ItemDef OID="I.2" Name="b" DataType="text"><CodeListRef CodeListOID="L"/></ItemDef><ItemDef OID="I.3" Name="c" DataType="float"/>
<CodeList OID="L" Name="L" DataType="text"><CodeListItem CodedValue="Y"><Decode><TranslatedText>Yes</TranslatedText></Decode></CodeListItem></CodeList>
<ConditionDef OID="C" Name="C"><FormalExpression Context="OpenEDC">I.1 == "1"</FormalExpression></ConditionDef>
<MethodDef OID="M" Name="M" Type="Computation"><FormalExpression Context="OpenEDC">G-I.1 * 2</FormalExpression></MethodDef>
</MetaDataVersion></Study><ClinicalData StudyOID="S" MetaDataVersionOID="1"><SubjectData SubjectKey="01">
<StudyEventData StudyEventOID="V" StudyEventRepeatKey="V[2]"><FormData FormOID="F"><ItemGroupData ItemGroupOID="G">
<ItemData ItemOID="I.1" Value="5"><AuditRecord><UserRef UserOID="U"/><LocationRef LocationOID="1"/>
<DateTimeStamp>2010-07-26T14:19:37</DateTimeStamp></AuditRecord></ItemData></ItemGroupData></FormData></StudyEventData></SubjectData></ClinicalData></ODM>"#;

/// A randomisation scheme with strata, and one by minimisation.
const SCHEME: &[u8] = br#"study = "S"
version = 2
factors = [{ name = "site", levels = ["01", "02"] }]
strata = [{ levels = ["02"], design = { kind = "urn", initial = 1, added = 1 } }]
[[arms]]
code = "A"
[[arms]]
code = "B"
ratio = 1
[design]
kind = "random_block"
lengths = [2, 4]
weights = [1, 2]
"#;
const MINIMISED: &[u8] = br#"study = "S"
arms = [{ code = "A", ratio = 2 }, { code = "B" }]
[design]
kind = "minimisation"
probability = "2/3"
measure = "variance"
ties = "ratio"
factors = [{ name = "sex", levels = ["F", "M"], weight = 0.5, prevalence = [1, 2] }]
"#;

/// A dataset with value-level metadata, a code list, a method, a comment, a document and an analysis result, in both versions.
const DEFINE_2_1: &[u8] = br#"<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="define2-1.xsl"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:arm="http://www.cdisc.org/ns/arm/v1.0" xmlns:v="urn:v" FileType="Snapshot" FileOID="F" def:Context="Submission" v:x="1"><Study OID="S">
<GlobalVariables><StudyName>s</StudyName></GlobalVariables><MetaDataVersion OID="M" Name="m" def:DefineVersion="2.1.0">
<def:Standards><def:Standard OID="STD.1" Name="ADaMIG" Type="IG" Version="1.1" Status="Final"/></def:Standards>
<def:SupplementalDoc><def:DocumentRef leafID="LF.D"><def:PDFPageRef PageRefs="1 2" Type="PhysicalRef"/></def:DocumentRef></def:SupplementalDoc>
<def:ValueListDef OID="VL.1"><ItemRef ItemOID="IT.2" Mandatory="No"><def:WhereClauseRef WhereClauseOID="WC.1"/></ItemRef></def:ValueListDef>
<def:WhereClauseDef OID="WC.1"><RangeCheck Comparator="IN" SoftHard="Soft" def:ItemOID="IT.1"><CheckValue>A</CheckValue><CheckValue>B</CheckValue>
</RangeCheck></def:WhereClauseDef><ItemGroupDef OID="IG.1" Name="ADX" Repeating="Yes" def:Structure="s" def:StandardOID="STD.1">
<Description><TranslatedText xml:lang="en">X</TranslatedText></Description><ItemRef ItemOID="IT.1" OrderNumber="1" Mandatory="Yes" KeySequence="1"/>
<ItemRef ItemOID="IT.3" OrderNumber="2" Mandatory="No" MethodOID="MT.1"/><def:Class Name="BASIC DATA STRUCTURE"><def:SubClass Name="TIME-TO-EVENT"/></def:Class>
<def:leaf ID="LF.X" xlink:href="adx.xpt"><def:title>adx.xpt</def:title></def:leaf></ItemGroupDef>
<ItemDef OID="IT.1" Name="PARAMCD" DataType="text" Length="8"><CodeListRef CodeListOID="CL.1"/><def:Origin Type="Assigned" Source="Sponsor"/></ItemDef>
<ItemDef OID="IT.2" Name="AVAL" DataType="float" Length="8" SignificantDigits="2"/>
<ItemDef OID="IT.3" Name="AVAL" DataType="float" Length="8" def:CommentOID="COM.1"><def:ValueListRef ValueListOID="VL.1"/></ItemDef>
<CodeList OID="CL.1" Name="P" DataType="text"><EnumeratedItem CodedValue="A" def:ExtendedValue="Yes"><Alias Context="nci:ExtCodeID" Name="C1"/></EnumeratedItem>
<EnumeratedItem CodedValue="B"/></CodeList><MethodDef OID="MT.1" Name="m" Type="Computation"><Description><TranslatedText>a &lt; b</TranslatedText></Description>
<FormalExpression Context="SQL">select 1</FormalExpression></MethodDef><def:CommentDef OID="COM.1"><Description><TranslatedText>c</TranslatedText></Description>
</def:CommentDef><def:leaf ID="LF.D" xlink:href="d.pdf"><def:title>D</def:title></def:leaf><arm:AnalysisResultDisplays><arm:ResultDisplay OID="RD.1" Name="T">
<Description><TranslatedText>t</TranslatedText></Description><arm:AnalysisResult OID="AR.1" AnalysisReason="DATA DRIVEN" AnalysisPurpose="p">
<arm:AnalysisDatasets><arm:AnalysisDataset ItemGroupOID="IG.1"><def:WhereClauseRef WhereClauseOID="WC.1"/><arm:AnalysisVariable ItemOID="IT.3"/>
</arm:AnalysisDataset></arm:AnalysisDatasets><arm:ProgrammingCode Context="SQL"><arm:Code>x</arm:Code></arm:ProgrammingCode></arm:AnalysisResult>
</arm:ResultDisplay></arm:AnalysisResultDisplays></MetaDataVersion></Study></ODM>"#;

const DEFINE_2_0: &[u8] = br#"<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:d="http://www.cdisc.org/ns/def/v2.0"><Study OID="S"><MetaDataVersion OID="M" Name="m"
d:DefineVersion="2.0.0" d:StandardName="SDTM-IG" d:StandardVersion="3.1.2"><ItemGroupDef OID="IG" Name="DM" d:Class="SPECIAL PURPOSE"/><ItemDef OID="I" Length="x1"/>
<CodeList OID="C" Name="c"><ExternalCodeList Dictionary="MedDRA" Version="8.0"/></CodeList></MetaDataVersion></Study></ODM>"#;

const DICTIONARY: &[u8] = br#""Variable / Field Name","Form Name","Section Header","Field Type","Field Label","Choices, Calculations, OR Slider Labels","Field Note","Text Validation Type OR Show Slider Number","Text Validation Min","Text Validation Max",Identifier?,"Branching Logic (Show field only if...)","Required Field?","Custom Alignment","Question Number (surveys only)","Matrix Group Name","Matrix Ranking?","Field Annotation"
id,f,,text,ID,,,,,,y,,,,,,,
w,f,Body,text,Weight,,kg,number,1,300,,,y,,,,,
h,f,,text,Height,,,number,,,,"[w] > 1",,,,,,
bmi,f,,calc,BMI,"round([w]/([h]^2),1)",,,,,,,y,,,,,
gym,f,,checkbox,Days,"0, Mon | 1, Tue",,,,,,"[gym(0)] = ""1""",y,,,,,@HIDDEN
"#;

const TABLE: &[u8] = br#"type = "table"
title = "Parameters"
stub = "Parameter"
results = { analysis = "pk" }
decimals = { CMAX = 1 }
[columns]
by = "TRTA"
order = ["T", "R"]
labels = { T = "Test", R = "Reference" }
[rows]
by = "parameter"
labels = { CMAX = "C~max~ (ng/mL)" }
lines = [{ label = "n", cell = "{N}" }, { label = "Mean (SD)", cell = "{MEAN:+1} ({SD:+1})" }]
"#;

const LISTING: &[u8] = br#"type = "listing"
title = "Concentrations"
dataset = "ADPC"
where = { USUBJID = "01" }
sort = ["USUBJID", "ATPTN"]
[[column]]
variable = "USUBJID"
group = true
[[column]]
variable = "AVAL"
label = "C (ng/mL)"
format = ".2"
"#;

const SELECT: &[u8] = b"with first as (select K, min(N) as LEAST from A group by K) \
select a.K, round_half_away(a.N, 1) as N, coalesce(b.C, 'U') as C, study_day('2024-03-05', '2024-03-01') as DY \
from A a join first f on f.K = a.K left join B b on b.K = a.K where a.N is not null order by 1 nulls first";

const WINDOW: &[u8] = b"select K, row_number() over (partition by C order by N nulls first, K nulls first) as SEQ, \
case when N >= 0.5 then 'Y' else 'N' end as FL from A union all select K, 1, null from B";

const DOCUMENT: &[u8] =
    b"# Synopsis {#synopsis}\n\nThe ratio was **{be.PE_PCT:.2}** % (see [table](display:pk-table)).\n\n\
- one\n- two\n  1. three\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n![](display:forest)\n\n> a note[^1]\n\n[^1]: foot\n";

/// A study definition with an arm, two visits and an activity.
const USDM: &[u8] = br#"{"study":{"name":"S","instanceType":"Study","versions":[{"id":"v","instanceType":"StudyVersion","versionIdentifier":"1","rationale":"",
"titles":[{"id":"t","text":"<p>A &amp; B</p>","type":{"id":"tc","code":"C207616","instanceType":"Code"},"instanceType":"StudyTitle"}],
"studyIdentifiers":[{"id":"i","text":"S-1","scopeId":"o","instanceType":"StudyIdentifier"}],"organizations":[{"id":"o","name":"Sponsor","instanceType":"Organization"}],
"studyDesigns":[{"id":"d","instanceType":"InterventionalStudyDesign","arms":[{"id":"a","name":"A","instanceType":"StudyArm"}],
"epochs":[{"id":"p","name":"Treatment","instanceType":"StudyEpoch"}],"elements":[{"id":"e","name":"E","instanceType":"StudyElement"}],
"studyCells":[{"id":"c","armId":"a","epochId":"p","elementIds":["e"],"instanceType":"StudyCell"}],
"encounters":[{"id":"n1","name":"V1","nextId":"n2","instanceType":"Encounter"},{"id":"n2","name":"V2","previousId":"n1","instanceType":"Encounter"}],
"activities":[{"id":"x","name":"Weight","childIds":[],"instanceType":"Activity"}],
"scheduleTimelines":[{"id":"l","mainTimeline":true,"entryId":"s1","instanceType":"ScheduleTimeline","instances":[
{"id":"s1","epochId":"p","encounterId":"n1","activityIds":["x"],"defaultConditionId":"s2","instanceType":"ScheduledActivityInstance"},
{"id":"s2","epochId":"p","encounterId":"n2","activityIds":["x"],"instanceType":"ScheduledActivityInstance"}],"timings":[
{"id":"m1","type":{"id":"m1c","code":"C201358","instanceType":"Code"},"value":"P1D","relativeFromScheduledInstanceId":"s1","relativeToScheduledInstanceId":"s1","instanceType":"Timing"},
{"id":"m2","type":{"id":"m2c","code":"C201356","instanceType":"Code"},"value":"P2W","relativeFromScheduledInstanceId":"s2","relativeToScheduledInstanceId":"s1","windowLower":"P3D","windowUpper":"P3D","instanceType":"Timing"}]}]}]}]},"usdmVersion":"4.0.0"}"#;

/// A file of the templates, which are study folders that build.
macro_rules! template {
    ($file:literal) => {
        include_bytes!(concat!("../../study/templates/", $file))
    };
}

const ALLOCATIONS: &[u8] = b"subject,number,time,actor,arm\n101-001,40017,2026-03-31T08:12:00Z,Nora Sarin,\n";

const VALUES: &[u8] =
    b"subject,visit,visit_repeat,form,form_repeat,group,group_repeat,item,text,value,unit,missing,event\n\
1001,P1,1,PK,1,pk_results,2,CONC,<0.500,,ng/mL,BLQ,7\n1001,P1,1,PK,1,pk_results,1,CONC,12.5,12.5,ng/mL,,7\n";

const RESULT: &[u8] = br#"{"analysis":"be","method":"bioequivalence","dataset":"ADPP","groups":[{"variable":"TRTA","value":"T"}],"parameter":"CMAX","statistic":"PE_PCT","value":{"num":98.5},"unit":"%","options":"{}","rows":"0-3,7"}
"#;

/// All targets, by name. A test compares the list with the crates' sources.
pub fn targets() -> Vec<Target> {
    let mut all = vec![
        target(
            "date",
            core::fuzz_date,
            &[
                b"2024-03-05T10:30:15.25+02:00",
                b"2024---15",
                b"-----T07:15",
                b"2024-03/2024-04-01",
                b"P1Y2M10DT2H30M",
                b"-PT15M",
            ],
        ),
        target(
            "unit",
            core::fuzz_unit,
            &[
                b"h*ng/mL",
                b"(L/h)/(mg/kg/day)",
                b"10^9/L",
                b"kg.m2/s2",
                "µg".as_bytes(),
                b"320 mg",
                b"m[Hg]",
                b"ngEq/mL",
                b"10*3/uL",
            ],
        ),
        target(
            "rule",
            conform::fuzz_rule,
            &[
                b"Core: {Id: X-1}\nAuthorities: []\nSensitivity: Record\nRule Type: Record Data\nScope: {Classes: {Include: [ALL]}}\n\
                  Match Datasets: [{Name: DM, Keys: [USUBJID]}]\n\
                  Operations: [{id: $n, operator: record_count, group: [USUBJID], filter: {AESEV: MILD}}, {id: $d, operator: distinct, name: --SEQ}]\n\
                  Check:\n  all:\n    - {name: --STDTC, operator: date_greater_than, value: --ENDTC}\n    - any:\n        - {name: AESEV, operator: \
                  is_not_contained_by, value: [MILD, SEVERE]}\n        - {name: AESEQ, operator: matches_regex, value: '^(a|b)+$'}\n\
                  Outcome: {Message: m, Output Variables: [AESEV, $n]}\n---data\nDOMAIN,USUBJID,AESEQ,AESTDTC,AEENDTC,AESEV\nAE,1,1,2020-01-02,2020-01,MILD\n",
                br#"{"Core":{"Id":"X-2"},"Rule Type":"Value Check with Variable Metadata","Check":{"all":[{"name":"variable_value","operator":"longer_than","value":3}]},"Outcome":{"Message":"m"}}
---data
A,B
1,xyzw"#,
            ],
        ),
        target("own_page", conform::fuzz_own_page, &own_page().iter().map(Vec::as_slice).collect::<Vec<_>>()),
        target(
            "jsonata",
            jsonata::fuzz_jsonata,
            &[
                b"a[b=1]@$x#$i.{'k': %.c, 'v': $x.d ~> $map(function($v, $i){$v & $i})}\n---\n{\"a\":[{\"b\":1,\"c\":[2.5,null]}]}",
                br#"$ ~> |**[id]|{"n": $count(*)}, ["id"]| ~> $keys() ~> $sort(function($a, $b){$a > $b})"#,
                br#"($f := function($n)<n:n>{$n < 2 ? 1 : $n * $f($n - 1)}; [$f(5)..7]^(>$){$string($): $}[])"#,
                br#"$replace("a<r k=\"b\"/>", /<r((?=[^>]* k="(\w+)")[^>]*?)\/>/i, "$2$$") & $match("xx", /(x)\1?/)[0].groups"#,
            ],
        ),
        target("round", core::fuzz_round, &[&1.005_f64.to_le_bytes(), &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 130]]),
        target(
            "manifest",
            core::fuzz_manifest,
            &[
                br#"{"stage":"derive","program":"0.1.0","inputs":{"a":"b"},"options":{"x":[1,2.5,null]},"outputs":{}}"#,
                b"0-3,7",
                b"01-701-1015",
            ],
        ),
        target("ars", cdisc::fuzz_ars, &[ARS]),
        target("ars_run", study::fuzz_ars_run, &[ARS]),
        target("define", cdisc::fuzz_define, &[DEFINE_2_1, DEFINE_2_0]),
        file("xpt", cdisc::fuzz_xpt, &[(Format::Xpt, Version::V5), (Format::Xpt, Version::V8)]),
        file("json", cdisc::fuzz_json, &[(Format::Json, Version::V5)]),
        file("ndjson", cdisc::fuzz_ndjson, &[(Format::Ndjson, Version::V5)]),
        file("dsjc", cdisc::fuzz_dsjc, &[(Format::Dsjc, Version::V5)]),
        file("csv", cdisc::fuzz_csv, &[(Format::Csv, Version::V5)]),
        file("xlsx", cdisc::fuzz_xlsx, &[(Format::Xlsx, Version::V5)]),
        target("ct_table", cdisc::fuzz_ct_table, &[CT_EVS, CT_ROWS]),
        target("ct_odm", cdisc::fuzz_ct_odm, &[CT_ODM]),
        target("ct_store", cdisc::fuzz_ct_store, &[CT_STORE]),
        Target { name: "xz", function: cdisc::fuzz_xz, seeds: vec![packed(b"01,1.5\n02,0.1\n")] },
        target("sql", query::fuzz_sql, &[SELECT, WINDOW]),
        target("display", report::fuzz_display, &[TABLE, LISTING]),
        target("document", report::fuzz_document, &[DOCUMENT]),
        target("nca", pk::fuzz_nca, &[&[7; 64]]),
        target("sparse", pk::fuzz_sparse, &[&[7; 64]]),
        target("scheme", trial::fuzz_scheme, &[SCHEME, MINIMISED]),
        target(
            "randomisation_list",
            trial::fuzz_randomisation_list,
            &[b"stratum,number,block,block_length,arm\n01,1,1,2,A\n01,2,1,2,B\n", b"id;block.id;block.size;treatment\r\n1;1;2;A\r\n"],
        ),
        target(
            "entry",
            croft_record::fuzz::fuzz_entry,
            &[b"\x003mar24", b"\x0112,5", b"\x03un-mar-2024", b"\x050303 830"],
        ),
        target("compile", croft_record::fuzz::fuzz_compile, &[FORM]),
        target("saved", croft_record::fuzz::fuzz_saved, &[SAVED]),
        target("import_odm", croft_record::fuzz::fuzz_import_odm, &[ODM]),
        target("import_redcap", croft_record::fuzz::fuzz_import_redcap, &[DICTIONARY]),
        target("definition", study::fuzz_definition, &[template!("be-2x2/study.toml")]),
        target("form", study::fuzz_form, &[template!("common/forms/pk.toml")]),
        target(
            "tabulation",
            study::fuzz_tabulation,
            &[b"DS.DSSTDTC where DSDECOD = RANDOMIZED, DSCAT = 'X'", template!("common/forms/subject.toml")],
        ),
        target("allocations", study::fuzz_allocations, &[ALLOCATIONS]),
        target("values", study::fuzz_values, &[VALUES]),
        target("table", study::fuzz_table, &[b"# keys: A\n# source: words\nA,B\nx,1\ny,\n"]),
        target("statement", study::fuzz_statement, &[template!("common/derive/adpc.sql")]),
        target(
            "analysis",
            study::fuzz_analysis,
            &[template!("common/analyse/adverse-events.toml"), template!("common/derive/pp.toml")],
        ),
        target("results", study::fuzz_results, &[RESULT]),
        target("protocol", study::fuzz_protocol, &[USDM]),
    ];
    all.sort_by_key(|t| t.name);
    all
}
