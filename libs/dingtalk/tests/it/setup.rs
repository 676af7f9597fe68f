//! What is done before a robot runs: an app by QR code, and questions whether it may do its work.

use dingtalk::api::{AppRange, GetAppRange, ListGroupRobots, Probe};
use dingtalk::id::{ConversationId, RobotCode, TemplateId};
use dingtalk::registration::{Answer, DEFAULT_SOURCE, Registration};
use dingtalk::{ErrorKind, Settings};
use dingtalk_emulator::{App, Emulator, World};

use crate::support::{client, platform, transport};

fn registration(emulator: &Emulator) -> Registration {
    let settings = Settings {
        oapi_endpoint: emulator.base_url().parse().expect("it has an address"),
        ..Settings::default()
    };
    Registration::new(settings, transport())
}

#[tokio::test]
async fn an_app_by_qr_code_tells_its_secret_once() {
    let emulator = platform().await;
    let registration = registration(&emulator);
    let invitation = registration
        .invite(DEFAULT_SOURCE)
        .await
        .expect("it begins");
    assert!(invitation.address.contains(&invitation.user_code));
    let open = emulator.open_registrations();
    assert_eq!(open, std::slice::from_ref(&invitation.user_code));
    let waiting = registration.ask(&invitation).await;
    assert!(matches!(waiting, Ok(Answer::Waiting)), "{waiting:?}");
    assert_eq!(emulator.decide_registration(true), 1);
    let Ok(Answer::Granted(credentials)) = registration.ask(&invitation).await else {
        panic!("it was granted");
    };
    assert_eq!(
        credentials.client_id.as_str(),
        emulator.app().client_id.as_str()
    );
    assert_eq!(
        credentials.client_secret.expose(),
        emulator.app().client_secret.reveal()
    );
    let again = registration.ask(&invitation).await;
    assert!(matches!(again, Ok(Answer::Expired)), "{again:?}");
}

#[tokio::test]
async fn a_declined_or_unknown_registration_is_told() {
    let emulator = platform().await;
    let registration = registration(&emulator);
    let invitation = registration
        .invite(DEFAULT_SOURCE)
        .await
        .expect("it begins");
    emulator.decide_registration(false);
    let refused = registration.ask(&invitation).await;
    let Ok(Answer::Refused(reason)) = refused else {
        panic!("it was declined: {refused:?}");
    };
    assert_eq!(reason, "用户拒绝授权");
    let unknown = registration
        .invite("nobody")
        .await
        .expect_err("the source is unknown");
    assert_eq!(unknown.kind, ErrorKind::Invalid);
}

fn probes(emulator: &Emulator) -> Vec<(&'static str, Probe)> {
    let robot = RobotCode::new(emulator.app().robot_code.as_str());
    vec![
        ("qyapi_robot_sendmsg", Probe::SendMessages(robot)),
        ("Card.Instance.Write", Probe::WriteCards),
        ("Card.Streaming.Write", Probe::StreamCards),
        ("qyapi_base", Probe::UploadMedia),
        ("Contact.User.Read", Probe::ReadPeople),
        ("ConvFile.Space.Read", Probe::ReadGroupFiles),
    ]
}

#[tokio::test]
async fn a_permission_that_is_there_and_one_that_is_missing() {
    let emulator = platform().await;
    for (scope, probe) in probes(&emulator) {
        let probed = client(&emulator).send(probe).await;
        assert!(probed.is_ok(), "{scope}: {probed:?}");
    }
    assert_eq!(emulator.look(|view| view.answer_count()), 0);
    for (scope, _) in probes(&emulator) {
        let app = App::new("dingnarrow", "narrow-demo", "小钳").without_scope(scope);
        let world = World::new("示例科技").app(app);
        let narrow = Emulator::builder()
            .world(world)
            .start()
            .await
            .expect("it starts");
        for (asked, probe) in probes(&narrow) {
            let probed = client(&narrow).send(probe).await;
            match (probed, asked == scope) {
                (Err(error), true) => assert_eq!(
                    error.kind,
                    ErrorKind::Permission {
                        scopes: vec![scope.to_owned()]
                    }
                ),
                (Ok(_), false) => {}
                (probed, _) => panic!("{asked} without {scope}: {probed:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_robot_code_a_template_and_an_address_that_are_wrong() {
    let emulator = platform().await;
    let robot = Probe::SendMessages(RobotCode::new("dingnobody"));
    let code = client(&emulator).send(robot).await;
    assert_eq!(code, Ok("invalidParameter.robotCode.notExsit".to_owned()));
    let card = |template: &str| Probe::MakeCard {
        template: TemplateId::new(template),
        key: "content".to_owned(),
        card: "probe-card".to_owned(),
    };
    let missing = client(&emulator).send(card("nothing.schema")).await;
    assert_eq!(missing, Ok("param.templateNotExist".to_owned()));
    let app = App::new("dingaway", "away-demo", "小钳").refusing_address();
    let world = World::new("示例科技").app(app);
    let away = Emulator::builder()
        .world(world)
        .start()
        .await
        .expect("it starts");
    let refused = client(&away)
        .send(Probe::WriteCards)
        .await
        .expect_err("it is away");
    assert_eq!(refused.code, "Forbidden.AccessDenied.IpNotInWhiteList");
}

#[tokio::test]
async fn who_can_use_an_app_and_which_robots_a_group_has() {
    let app = App::new("dingfew", "few-demo", "小钳").visible_only_to(["manager7675"]);
    let world = World::new("示例科技").app(app);
    let emulator = Emulator::builder()
        .world(world)
        .start()
        .await
        .expect("it starts");
    let range = GetAppRange {
        agent_id: "2900000001".to_owned(),
    };
    let range = client(&emulator).send(range).await;
    assert_eq!(
        range,
        Ok(AppRange {
            users: 1,
            ..AppRange::default()
        })
    );
    let wrong = GetAppRange {
        agent_id: "../x".to_owned(),
    };
    let wrong = client(&emulator)
        .send(wrong)
        .await
        .expect_err("it is no number");
    assert_eq!(wrong.kind, ErrorKind::Invalid);

    let emulator = platform().await;
    let group = emulator.group("项目讨论群").expect("it is there");
    let group = ListGroupRobots {
        group: ConversationId::new(group.as_str()),
    };
    let robots = client(&emulator).send(group).await;
    assert_eq!(
        robots,
        Ok(vec![RobotCode::new(emulator.app().robot_code.as_str())])
    );
}
