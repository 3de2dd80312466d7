//! Who and where: users, sites, the meaning of signatures.

use super::data::Query;
use super::text::{Text, Texts};

elements! {
    /// People and places.
    AdminData {
        attributes { study_oid: String = "StudyOID" }
        children {
            users: many User = "User",
            organizations: many Organization = "Organization",
            locations: many Location = "Location",
            signature_defs: many SignatureDef = "SignatureDef",
        }
    }
    /// A person with access.
    User {
        ids { oid = "OID" }
        attributes { kind: String = "UserType", organization_oid: String = "OrganizationOID", location_oid: String = "LocationOID" }
        children {
            login_name: one Text = "LoginName",
            user_name: one Text = "UserName",
            display_name: one Text = "DisplayName",
            prefix: one Text = "Prefix",
            suffix: one Text = "Suffix",
            full_name: one Text = "FullName",
            first_name: one Text = "FirstName",
            last_name: one Text = "LastName",
            given_name: one Text = "GivenName",
            family_name: one Text = "FamilyName",
            organization: one Text = "Organization",
            image: one Image = "Image",
            addresses: many Address = "Address",
            telecoms: many Telecom = "Telecom",
            emails: many Text = "Email",
            picture: one Picture = "Picture",
            pager: one Text = "Pager",
            faxes: many Text = "Fax",
            phones: many Text = "Phone",
            locations: many LocationRef = "LocationRef",
            certificates: many Text = "Certificate",
        }
    }
    /// An organisation (2.0).
    Organization {
        ids { oid = "OID" }
        attributes {
            name: String = "Name", role: String = "Role", kind: String = "Type", location_oid: String = "LocationOID",
            part_of_oid: String = "PartOfOrganizationOID",
        }
        children { description: one Texts = "Description", addresses: many Address = "Address", telecoms: many Telecom = "Telecom" }
    }
    /// A picture of a person (2.0).
    Image {
        attributes { file_name: String = "ImageFileName", href: String = "href", mime_type: String = "MimeType" }
    }
    /// A picture of a person (1.x).
    Picture {
        attributes { file_name: String = "PictureFileName", kind: String = "ImageType" }
    }
    /// An address.
    Address {
        children {
            street_names: many Text = "StreetName",
            house_number: one Text = "HouseNumber",
            city: one Text = "City",
            state_prov: one Text = "StateProv",
            country: one Text = "Country",
            postal_code: one Text = "PostalCode",
            geo_position: one GeoPosition = "GeoPosition",
            other_text: one Text = "OtherText",
        }
    }
    /// A place on earth (2.0).
    GeoPosition {
        attributes { longitude: String = "Longitude", latitude: String = "Latitude", altitude: String = "Altitude" }
    }
    /// A telephone, mail address and the like (2.0).
    Telecom {
        attributes { kind: String = "TelecomType", value: String = "Value" }
    }
    /// A site or other place.
    Location {
        ids { oid = "OID" }
        attributes { name: String = "Name", kind: String = "LocationType", role: String = "Role", organization_oid: String = "OrganizationOID" }
        children {
            description: one Texts = "Description",
            versions: many MetaDataVersionRef = "MetaDataVersionRef",
            addresses: many Address = "Address",
            telecoms: many Telecom = "Telecom",
            queries: many Query = "Query",
        }
    }
    /// From when on a site works by a version.
    MetaDataVersionRef {
        ids { study_oid = "StudyOID", version_oid = "MetaDataVersionOID" }
        attributes { effective_date: String = "EffectiveDate" }
    }
    /// What a signature means.
    SignatureDef {
        ids { oid = "OID" }
        attributes { methodology: String = "Methodology" }
        children { meaning: one Text = "Meaning", legal_reason: one Text = "LegalReason" }
    }
    /// A place.
    LocationRef {
        ids { location_oid = "LocationOID" }
    }
    /// A person.
    UserRef {
        ids { user_oid = "UserOID" }
    }
    /// A meaning of signatures.
    SignatureRef {
        ids { signature_oid = "SignatureOID" }
    }
}
