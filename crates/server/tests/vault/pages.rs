//! A subject is randomised, kits come to it, a code is broken: through pages and through the interface.

use crate::house::PASSWORD;
use crate::scene::{ARMS, STUDY, form, house, page, subject};
use croft_record::Caller;
use croft_record::access::Proof;
use serde_json::{Value, json};

#[tokio::test]
async fn a_subject_is_randomised_and_a_code_broken_through_the_pages() {
    let house = house("vault-pages");
    let first = subject(&house, "F");
    let ida = house.sign_in("investigator").await;
    let at = format!("/studies/{STUDY}/subjects/{first}");
    let (status, shown) = page(&house, &ida, &at, None).await;
    assert!(status == 200 && shown.contains(&format!("{at}/randomise")), "the subject's page leads to it");
    let (status, shown) = page(&house, &ida, &format!("{at}/randomise"), None).await;
    assert!(status == 200 && shown.contains("All criteria are met") && shown.contains("sex"), "{shown}");
    let to = format!("{at}/randomise");
    let (status, shown) = page(&house, &ida, &to, Some(&[("password", "wrong")])).await;
    assert!(status == 422 && shown.contains("Password"), "{status}");
    let (status, _) = page(&house, &ida, &to, Some(&[("password", PASSWORD)])).await;
    assert_eq!(status, 303);
    let (_, shown) = page(&house, &ida, &at, None).await;
    assert!(shown.contains("R0001") && shown.contains(&format!("{at}/code-break")));
    let (_, shown) = page(&house, &ida, &to, None).await;
    assert!(shown.contains("randomised already: R0001"));
    // The code is broken by the investigator and by nobody else.
    let broken = format!("{at}/code-break");
    let nora = house.sign_in("coordinator").await;
    assert_eq!(page(&house, &nora, &broken, None).await.0, 403);
    let (status, shown) = page(&house, &ida, &broken, Some(&[("password", PASSWORD), ("reason", "")])).await;
    assert!(status == 422 && shown.contains("is empty"));
    let fields = [("password", PASSWORD), ("reason", "Suspected overdose")];
    let (status, shown) = page(&house, &ida, &broken, Some(&fields)).await;
    assert!(status == 200 && ARMS.iter().any(|arm| shown.contains(arm)), "{shown}");
    let spo = house.sign_in("sponsor").await;
    let (_, shown) = page(&house, &spo, &format!("/studies/{STUDY}/randomisation"), None).await;
    assert!(shown.contains("Suspected overdose") && ARMS.iter().all(|arm| !shown.contains(arm)));
    // Who must know is told where they look first, until they say that they know.
    let event = house.record.view(&Caller::system(), |r| r.code_breaks(STUDY)).unwrap()[0].event;
    let acknowledge = format!("/studies/{STUDY}/randomisation/breaks/{event}");
    for role in ["sponsor", "medical_monitor", "project_manager", "safety"] {
        let secret = house.sign_in(role).await;
        for at in ["/work".to_owned(), format!("/studies/{STUDY}"), format!("/studies/{STUDY}/randomisation")] {
            let (_, shown) = page(&house, &secret, &at, None).await;
            assert!(shown.contains("Suspected overdose") && shown.contains(&acknowledge), "{role} {at}: {shown}");
            assert!(ARMS.iter().all(|arm| !shown.contains(arm)), "{role} {at}");
        }
        let (_, told) = house.call(&secret, "GET", "/notices", &Value::Null).await;
        assert_eq!(
            (told["code_breaks"][0]["subject"].as_str(), told["code_breaks"][0]["by"].as_str()),
            (Some(first.as_str()), Some("investigator"))
        );
        if role == "safety" {
            let path = format!("/studies/{STUDY}/code-breaks/{event}/acknowledgement");
            assert_eq!(house.call(&secret, "POST", &path, &Value::Null).await.0, 200);
            assert_eq!(house.call(&secret, "POST", &path, &Value::Null).await.0, 409, "once");
        } else {
            assert_eq!(
                form(&house, &secret, &format!("/studies/{STUDY}/randomisation"), &acknowledge, &[]).await.0,
                303
            );
        }
        let (_, shown) = page(&house, &secret, "/work", None).await;
        assert!(!shown.contains("Suspected overdose"), "{role}: {shown}");
        let (_, told) = house.call(&secret, "GET", "/notices", &Value::Null).await;
        assert_eq!(told["code_breaks"], json!([]));
    }
    let (_, shown) = page(&house, &nora, "/work", None).await;
    assert!(!shown.contains("Suspected overdose"), "who has not to know is not told");
    let path = format!("/studies/{STUDY}/code-breaks/{event}/acknowledgement");
    assert_eq!(house.call(&nora, "POST", &path, &Value::Null).await.0, 403);
    // Codes are read by the unblinded statistician, who says what for.
    let urs = house.sign_in("unblinded_statistician").await;
    let codes = format!("/studies/{STUDY}/randomisation/codes");
    let (status, shown) = page(&house, &urs, &codes, Some(&[("password", PASSWORD), ("what", "interim")])).await;
    assert!(status == 200 && ARMS.iter().any(|arm| shown.contains(arm)));
    assert_eq!(page(&house, &ida, &codes, None).await.0, 403);
}

#[tokio::test]
async fn programs_do_the_same_and_are_refused_the_same() {
    let house = house("vault-api");
    let first = subject(&house, "M");
    let (ida, spo) = (house.sign_in("investigator").await, house.sign_in("sponsor").await);
    let at = format!("/studies/{STUDY}/subjects/{first}");
    let (status, ready) = house.call(&ida, "GET", &format!("{at}/randomisation"), &Value::Null).await;
    assert!(status == 200 && ready["conditions"][0]["met"] == true, "{ready}");
    let proof = json!({ "password": PASSWORD });
    assert_eq!(house.call(&spo, "POST", &format!("{at}/randomisation"), &proof).await.0, 403);
    let (status, given) = house.call(&ida, "POST", &format!("{at}/randomisation"), &proof).await;
    assert!(status == 200 && given["number"] == "R0001", "{given}");
    let reason = json!({ "password": PASSWORD, "reason": "overdose" });
    assert_eq!(house.call(&spo, "POST", &format!("{at}/code-break"), &reason).await.0, 403);
    let (status, told) = house.call(&ida, "POST", &format!("{at}/code-break"), &reason).await;
    assert!(status == 200 && told["treatments"].as_array().unwrap().len() == 1, "{told}");
    let (status, facts) = house.call(&spo, "GET", &format!("/studies/{STUDY}/randomisation"), &Value::Null).await;
    assert!(status == 200 && facts["code_breaks"].as_array().unwrap().len() == 1);
    let text = facts.to_string();
    assert!(!text.contains("VERUM") && !text.contains("PLACEBO") && !text.contains("lengths"), "{text}");
    assert_eq!(house.call(&ida, "POST", &format!("/studies/{STUDY}/randomisation/codes"), &reason).await.0, 403);
    let urs = house.sign_in("unblinded_statistician").await;
    let (status, codes) = house.call(&urs, "POST", &format!("/studies/{STUDY}/randomisation/codes"), &reason).await;
    assert!(status == 200 && codes["codes"].as_array().unwrap().len() == 1);
}

#[tokio::test]
async fn kits_come_to_subjects_through_pages_and_interface() {
    let house = house("vault-supply");
    let (sue, dep, phil) =
        (house.sign_in("supply_manager").await, house.sign_in("depot").await, house.sign_in("pharmacist").await);
    let at = format!("/studies/{STUDY}/supply");
    let post = async |secret: &str, path: &str, body: Value| house.call(secret, "POST", path, &body).await;
    let depot = json!({ "depot": "D", "name": "Central" });
    assert_eq!(post(&dep, &format!("{at}/depots"), depot.clone()).await.0, 403);
    assert_eq!(post(&sue, &format!("{at}/depots"), depot).await.0, 200);
    let plan = json!({ "trigger": 1, "level": 2, "lead_days": 7, "dispense_margin_days": 14, "ship_margin_days": 30, "visits": ["BL"] });
    assert_eq!(post(&sue, &format!("{at}/plan"), plan).await.0, 200);
    let kits = json!({ "depot": "D", "lot": "L1", "expires": "2027-12-31", "arms": { "VERUM": 5, "PLACEBO": 5 } });
    assert_eq!(post(&dep, &format!("{at}/kits"), kits.clone()).await.0, 403, "who ships is blinded");
    let (status, packed) = post(&sue, &format!("{at}/kits"), kits).await;
    assert!(status == 200 && packed["kits"].as_array().unwrap().len() == 10, "{packed}");
    // The depot sends what should be sent; the page tells it numbers.
    let (_, shown) = page(&house, &dep, &at, None).await;
    assert!(shown.contains("Send 4 kits to 101") && ARMS.iter().all(|arm| !shown.contains(arm)), "{shown}");
    let (_, proposed) = house.call(&dep, "GET", &format!("{at}/depots/D/proposals"), &Value::Null).await;
    let kits = proposed["proposals"][0]["kits"].clone();
    let shipment = json!({ "from": "depot D", "to": "site 101", "kits": kits });
    assert_eq!(post(&phil, &format!("{at}/shipments"), shipment.clone()).await.0, 403);
    let (status, sent) = post(&dep, &format!("{at}/shipments"), shipment).await;
    assert_eq!(status, 200, "{sent}");
    let receive = format!("{at}/shipments/{}", sent["shipment"]);
    let (status, shown) = page(&house, &phil, &receive, None).await;
    assert!(status == 200 && shown.contains("Receive the shipment"));
    let fields = [("excursion", "yes"), ("held", ""), ("lost", ""), ("note", "")];
    let (status, shown) = page(&house, &phil, &receive, Some(&fields)).await;
    assert!(status == 422 && shown.contains("is empty"), "an excursion is described");
    assert_eq!(page(&house, &phil, &receive, Some(&[("held", ""), ("lost", ""), ("note", "")])).await.0, 303);
    let first = subject(&house, "F");
    let given = format!("/studies/{STUDY}/subjects/{first}/dispense");
    let (status, shown) = page(&house, &phil, &given, None).await;
    assert!(status == 200 && shown.contains("is not randomised"));
    house.vault.randomise(&Caller::system(), STUDY, &first, Proof::system()).unwrap();
    assert_eq!(page(&house, &phil, &given, Some(&[("visit", "BL"), ("count", "1")])).await.0, 303);
    let (_, shown) = page(&house, &phil, &given, None).await;
    assert!(shown.contains("Given so far"));
    let (_, answer) = house.call(&phil, "GET", &at, &Value::Null).await;
    assert!(answer["accounts"].as_array().unwrap().iter().all(|a| a["balance"] == 0), "{answer}");
    let dispensing = json!({ "visit": "BL" });
    let (status, more) = post(&phil, &format!("/studies/{STUDY}/subjects/{first}/dispensing"), dispensing).await;
    assert!(status == 200 && more["kits"].as_array().unwrap().len() == 1, "{more}");
    let (status, refused) =
        post(&phil, &format!("/studies/{STUDY}/subjects/{first}/dispensing"), json!({ "visit": "BL", "count": 9 }))
            .await;
    assert!(status == 409 && refused.to_string().contains("no kit that can be dispensed"), "{refused}");
}
