//! The plan of the study: arms, epochs, timing, objectives, workflows (2.0), and the order of visits.

use super::study::{FormalExpression, StudyEventRef};
use super::text::{Alias, Coding, Texts};
use crate::odm::element::Element;
use crate::odm::error::OdmError;
use crate::odm::values::YesNo;
use crate::odm::xml_read::{Reader, Tag};
use crate::odm::xml_write::Writer;

elements! {
    /// The plan.
    Protocol {
        children {
            description: one Texts = "Description",
            summary: one StudySummary = "StudySummary",
            structure: one StudyStructure = "StudyStructure",
            trial_phase: one TrialPhase = "TrialPhase",
            timings: one StudyTimings = "StudyTimings",
            indications: one StudyIndications = "StudyIndications",
            interventions: one StudyInterventions = "StudyInterventions",
            objectives: one StudyObjectives = "StudyObjectives",
            end_points: one StudyEndPoints = "StudyEndPoints",
            target_population: one StudyTargetPopulation = "StudyTargetPopulation",
            estimands: one StudyEstimands = "StudyEstimands",
            criteria: one InclusionExclusionCriteria = "InclusionExclusionCriteria",
            events: many StudyEventRef = "StudyEventRef",
            event_groups: many StudyEventGroupRef = "StudyEventGroupRef",
            workflow: one WorkflowRef = "WorkflowRef",
            aliases: many Alias = "Alias",
        }
    }
    /// Parameters of the study.
    StudySummary {
        children { parameters: many StudyParameter = "StudyParameter" }
    }
    /// A parameter.
    StudyParameter {
        ids { oid = "OID" }
        attributes { term: String = "Term", short_name: String = "ShortName" }
        children { values: many ParameterValue = "ParameterValue", codings: many Coding = "Coding" }
    }
    /// Its value.
    ParameterValue {
        attributes { value: String = "Value" }
        children { codings: many Coding = "Coding" }
    }
    /// Arms and epochs.
    StudyStructure {
        children {
            description: one Texts = "Description",
            arms: many Arm = "Arm",
            epochs: many Epoch = "Epoch",
            workflow: one WorkflowRef = "WorkflowRef",
        }
    }
    /// An arm.
    Arm {
        ids { oid = "OID" }
        attributes { name: String = "Name" }
        children { description: one Texts = "Description", workflow: one WorkflowRef = "WorkflowRef" }
    }
    /// An epoch.
    Epoch {
        ids { oid = "OID" }
        attributes { name: String = "Name", sequence_number: u32 = "SequenceNumber" }
        children { description: one Texts = "Description" }
    }
    /// The phase.
    TrialPhase {
        attributes { value: String = "Value" }
        children { description: one Texts = "Description" }
    }
    /// When visits are due.
    StudyTimings {
        children { timings: many StudyTiming = "StudyTiming" }
    }
    /// A rule of when visits are due.
    StudyTiming {
        ids { oid = "OID" }
        attributes { name: String = "Name" }
        children {
            absolute: many AbsoluteTimingConstraint = "AbsoluteTimingConstraint",
            relative: many RelativeTimingConstraint = "RelativeTimingConstraint",
            transitions: many TransitionTimingConstraint = "TransitionTimingConstraint",
            durations: many DurationTimingConstraint = "DurationTimingConstraint",
        }
    }
    /// Due at a time.
    AbsoluteTimingConstraint {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", event_group_oid: String = "StudyEventGroupOID", event_oid: String = "StudyEventOID",
            target: String = "TimepointTarget", pre_window: String = "TimepointPreWindow", post_window: String = "TimepointPostWindow",
        }
        children { description: one Texts = "Description" }
    }
    /// Due after another.
    RelativeTimingConstraint {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", predecessor_oid: String = "PredecessorOID", successor_oid: String = "SuccessorOID", kind: String = "Type",
            target: String = "TimepointRelativeTarget", pre_window: String = "TimepointPreWindow", post_window: String = "TimepointPostWindow",
        }
        children { description: one Texts = "Description" }
    }
    /// Due after a step of a workflow.
    TransitionTimingConstraint {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", transition_oid: String = "TransitionOID", method_oid: String = "MethodOID", kind: String = "Type",
            target: String = "TimepointTarget", pre_window: String = "TimepointPreWindow", post_window: String = "TimepointPostWindow",
        }
        children { description: one Texts = "Description" }
    }
    /// How long a part lasts.
    DurationTimingConstraint {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", element_oid: String = "StructuralElementOID", target: String = "DurationTarget",
            pre_window: String = "DurationPreWindow", post_window: String = "DurationPostWindow",
        }
        children { description: one Texts = "Description" }
    }
    /// What is treated.
    StudyIndications {
        children { indications: many Described = "StudyIndication" }
    }
    /// What is given.
    StudyInterventions {
        children { interventions: many Described = "StudyIntervention" }
    }
    /// An indication or intervention.
    Described {
        ids { oid = "OID" }
        children { description: one Texts = "Description", codings: many Coding = "Coding" }
    }
    /// What is to be found out.
    StudyObjectives {
        children { objectives: many StudyObjective = "StudyObjective" }
    }
    /// An objective.
    StudyObjective {
        ids { oid = "OID" }
        attributes { name: String = "Name", level: String = "Level" }
        children { description: one Texts = "Description", end_points: many StudyEndPointRef = "StudyEndPointRef" }
    }
    /// An end point of an objective.
    StudyEndPointRef {
        ids { end_point_oid = "StudyEndPointOID" }
        attributes { order_number: u32 = "OrderNumber" }
    }
    /// What is measured for it.
    StudyEndPoints {
        children { end_points: many StudyEndPoint = "StudyEndPoint" }
    }
    /// An end point.
    StudyEndPoint {
        ids { oid = "OID" }
        attributes { name: String = "Name", kind: String = "Type", level: String = "Level" }
        children { description: one Texts = "Description", expressions: many FormalExpression = "FormalExpression" }
    }
    /// Who is studied.
    StudyTargetPopulation {
        ids { oid = "OID" }
        attributes { name: String = "Name" }
        children {
            description: one Texts = "Description",
            codings: many Coding = "Coding",
            expressions: many FormalExpression = "FormalExpression",
        }
    }
    /// Estimands.
    StudyEstimands {
        children { estimands: many StudyEstimand = "StudyEstimand" }
    }
    /// An estimand.
    StudyEstimand {
        ids { oid = "OID" }
        attributes { name: String = "Name", level: String = "Level" }
        children {
            description: one Texts = "Description",
            population: one StudyTargetPopulationRef = "StudyTargetPopulationRef",
            intervention: one StudyInterventionRef = "StudyInterventionRef",
            end_point: one StudyEndPointRef = "StudyEndPointRef",
            intercurrent_events: many Explained = "IntercurrentEvent",
            summary_measure: one Explained = "SummaryMeasure",
        }
    }
    /// The population of an estimand.
    StudyTargetPopulationRef {
        ids { population_oid = "StudyTargetPopulationOID" }
    }
    /// The intervention of an estimand.
    StudyInterventionRef {
        ids { intervention_oid = "StudyInterventionOID" }
    }
    /// An intercurrent event or summary measure.
    Explained {
        children { description: one Texts = "Description" }
    }
    /// Who may take part.
    InclusionExclusionCriteria {
        children { inclusion: one Criteria = "InclusionCriteria", exclusion: one Criteria = "ExclusionCriteria" }
    }
    /// Criteria of one kind.
    Criteria {
        children { criteria: many Criterion = "Criterion" }
    }
    /// A criterion.
    Criterion {
        ids { oid = "OID" }
        attributes { name: String = "Name", condition_oid: String = "ConditionOID" }
        children { description: one Texts = "Description", codings: many Coding = "Coding" }
    }
    /// A group of visits in a plan.
    StudyEventGroupRef {
        ids { event_group_oid = "StudyEventGroupOID" }
        attributes {
            order_number: u32 = "OrderNumber", mandatory: YesNo = "Mandatory", exception_condition_oid: String = "CollectionExceptionConditionOID",
        }
        children { description: one Texts = "Description" }
    }
    /// Visits that belong together.
    StudyEventGroupDef {
        ids { oid = "OID" }
        attributes { name: String = "Name", arm_oid: String = "ArmOID", epoch_oid: String = "EpochOID", comment_oid: String = "CommentOID" }
        children {
            description: one Texts = "Description",
            members: many EventMember = "StudyEventRef" | "StudyEventGroupRef",
            workflow: one WorkflowRef = "WorkflowRef",
            codings: many Coding = "Coding",
        }
    }
    /// The workflow of a part.
    WorkflowRef {
        ids { workflow_oid = "WorkflowOID" }
    }
    /// What comes after what.
    WorkflowDef {
        ids { oid = "OID" }
        attributes { name: String = "Name" }
        children {
            description: one Texts = "Description",
            start: one WorkflowStart = "WorkflowStart",
            transitions: many Transition = "Transition",
            branchings: many Branching = "Branching",
            ends: many WorkflowEnd = "WorkflowEnd",
        }
    }
    /// Where a workflow begins.
    WorkflowStart {
        ids { start_oid = "StartOID" }
    }
    /// A step.
    Transition {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", source_oid: String = "SourceOID", target_oid: String = "TargetOID", start_condition_oid: String = "StartConditionOID",
            end_condition_oid: String = "EndConditionOID",
        }
    }
    /// A fork.
    Branching {
        ids { oid = "OID" }
        attributes { name: String = "Name", kind: String = "Type" }
        children { targets: many TargetTransition = "TargetTransition", defaults: many DefaultTransition = "DefaultTransition" }
    }
    /// A way from a fork.
    TargetTransition {
        ids { transition_oid = "TargetTransitionOID" }
        attributes { condition_oid: String = "ConditionOID" }
    }
    /// The way from a fork when no other is taken.
    DefaultTransition {
        ids { transition_oid = "TargetTransitionOID" }
    }
    /// Where a workflow ends.
    WorkflowEnd {
        ids { end_oid = "EndOID" }
        text { text }
    }
    /// Standards that the definition follows.
    Standards {
        children { standards: many Standard = "Standard" }
    }
    /// A standard.
    Standard {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", kind: String = "Type", publishing_set: String = "PublishingSet", version: String = "Version", status: String = "Status",
            comment_oid: String = "CommentOID",
        }
    }
}

/// What a group of visits is made of, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventMember {
    /// A visit.
    Event(StudyEventRef),
    /// A group of visits.
    Group(StudyEventGroupRef),
}

impl Element for EventMember {
    fn read(tag: Tag, reader: &mut Reader<'_>) -> Result<Self, OdmError> {
        if tag.odm_name() == Some("StudyEventRef") {
            StudyEventRef::read(tag, reader).map(Self::Event)
        } else {
            StudyEventGroupRef::read(tag, reader).map(Self::Group)
        }
    }

    fn write(&self, _: &str, out: &mut Writer) {
        match self {
            Self::Event(event) => event.write("StudyEventRef", out),
            Self::Group(group) => group.write("StudyEventGroupRef", out),
        }
    }
}
