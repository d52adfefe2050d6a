//! What an invite survives, and what each kind of damage is called.

use proptest::prelude::*;

use super::*;

fn invite(address: &str) -> Invite {
    Invite::new(HostId([0xab; 32]), address, Token([0x5c; 16])).unwrap()
}

const GOOD: &str = "gleaner://example.org:4433/Aaurq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urXFxcXFxcXFxcXFxcXFxcXHjVF3I";

#[test]
fn the_text_never_changes() {
    assert_eq!(invite("example.org:4433").to_string(), GOOD);
}

#[test]
fn an_invite_survives_its_text() {
    let cases = [
        ("example.org:4433", "example.org:4433"),
        ("192.0.2.1:1", "192.0.2.1:1"),
        ("[2001:DB8::1]:65535", "[2001:db8::1]:65535"),
        ("2001:db8:0:0::1:4433", "[2001:db8::1]:4433"),
        ("[::1]:4433", "[::1]:4433"),
        ("My_Host-2.lan:4433", "My_Host-2.lan:4433"),
    ];
    for (given, normal) in cases {
        let invite = invite(given);
        assert_eq!(invite.address(), normal);
        assert_eq!(invite.to_string().parse(), Ok(invite), "{given}");
    }
}

#[test]
fn brackets_typed_by_hand_are_understood() {
    let text = invite("[::1]:4433").to_string();
    let typed = text.replace("::1:4433", "[::1]:4433");
    assert_eq!(typed.parse(), Ok(invite("[::1]:4433")));
}

#[test]
fn what_surrounds_a_pasted_invite_is_no_part_of_it() {
    for (before, after) in
        [(" ", "\n"), ("'", "'"), ("\"", "\""), ("\t“", "”\r\n"), ("<", ">"), ("`", "`")]
    {
        assert_eq!(format!("{before}{GOOD}{after}").parse(), Ok(invite("example.org:4433")));
    }
}

fn check(text: &str, expected: InviteError) {
    assert_eq!(text.parse::<Invite>(), Err(expected), "{text}");
}

#[test]
fn each_damage_has_its_own_message() {
    let code = GOOD.rsplit_once('/').unwrap().1;
    let at = |address: &str| format!("gleaner://{address}/{code}");
    let cases = [
        (" \n".into(), InviteError::Empty),
        ("''".into(), InviteError::Empty),
        ("https://example.org".into(), InviteError::Scheme),
        (code.into(), InviteError::Scheme),
        (GOOD.replace("Fx", "F\nx"), InviteError::Broken),
        (GOOD.replace("org", "o rg"), InviteError::Broken),
        (GOOD.split(":4433").next().unwrap().into(), InviteError::Address("example.org".into())),
        (at("example.org"), InviteError::Address("example.org".into())),
        (at("example.org:"), InviteError::Address("example.org:".into())),
        (at("example.org:0"), InviteError::Address("example.org:0".into())),
        (at("example.org:+4433"), InviteError::Address("example.org:+4433".into())),
        (at("example.org:70000"), InviteError::Address("example.org:70000".into())),
        (at(":4433"), InviteError::Address(":4433".into())),
        (at("[example.org]:4433"), InviteError::Address("[example.org]:4433".into())),
        (at("1:2:4433"), InviteError::Address("1:2:4433".into())),
        (at("bücher.de:4433"), InviteError::Address("bücher.de:4433".into())),
        (at("$(reboot):4433"), InviteError::Address("$(reboot):4433".into())),
        ("gleaner://example.org:4433".into(), InviteError::NoCode),
        ("gleaner://example.org:4433/".into(), InviteError::NoCode),
        (GOOD[..GOOD.len() - 1].into(), InviteError::Length(70)),
        (GOOD[..GOOD.len() - 3].into(), InviteError::Length(68)),
        (format!("{GOOD}A"), InviteError::Length(72)),
        (format!("{GOOD}{GOOD}"), InviteError::Length(169)),
        (format!("{GOOD}{}", "A".repeat(2_000)), InviteError::Length(2_088)),
        (GOOD.replace("XFx", "X!x"), InviteError::Letter('!')),
        (GOOD.replace("XFx", "Xüx"), InviteError::Letter('ü')),
        (GOOD.replacen("XFx", "XGx", 1), InviteError::Damaged),
        (GOOD.replacen("/Aa", "/Ba", 1), InviteError::Damaged),
        (GOOD.replacen("org", "com", 1), InviteError::Damaged),
        (GOOD.replacen("4433", "4434", 1), InviteError::Damaged),
        (GOOD.to_lowercase(), InviteError::Damaged),
    ];
    for (text, expected) in cases {
        check(&text, expected);
    }
}

#[test]
fn an_invite_of_a_later_version_says_so() {
    for len in [10, 48, 100] {
        let mut code = vec![2; len];
        let sum = checksum("example.org:4433", &code);
        code.extend_from_slice(&sum);
        let text = format!("{SCHEME}example.org:4433/{}", BASE64URL_NOPAD.encode(&code));
        check(&text, InviteError::Version(2));
    }
}

#[test]
fn messages_say_what_to_do() {
    for error in [InviteError::Broken, InviteError::Damaged, InviteError::Version(9)] {
        let message = error.to_string();
        assert!(message.contains(';'), "{message}");
    }
    assert!(InviteError::Length(70).to_string().contains("some were lost"));
    assert!(InviteError::Length(72).to_string().contains("something was added"));
}

#[test]
fn debug_hides_the_secret() {
    let shown = format!("{:?}", invite("a:1"));
    assert!(!shown.contains("92") && shown.contains("Token(..)"), "{shown}");
}

proptest! {
    #[test]
    fn no_text_panics(text in "(gleaner://)?[a-z0-9:.\\[\\]/_ü-]{0,90}") {
        let _ = text.parse::<Invite>();
    }

    #[test]
    fn every_invite_survives_and_is_plain(key: [u8; 32], token: [u8; 16], v6: u128, port in 1u16..) {
        let address = format!("[{}]:{port}", core::net::Ipv6Addr::from(v6));
        let invite = Invite::new(HostId(key), &address, Token(token)).unwrap();
        let text = invite.to_string();
        prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b":/._-".contains(&b)));
        prop_assert_eq!(text.parse(), Ok(invite));
    }

    #[test]
    fn one_wrong_letter_is_always_found(at in 0usize..GOOD.len() - 10, letter in "[A-Za-z0-9_-]") {
        let mut text = GOOD.to_owned();
        text.replace_range(at + 10..=at + 10, &letter);
        prop_assume!(text != GOOD);
        prop_assert!(text.parse::<Invite>().is_err());
    }
}

#[test]
fn the_protocol_page_has_a_true_example() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/protocol/link.md");
    let page = std::fs::read_to_string(page).unwrap();
    let key = HostId(core::array::from_fn(|at| at as u8));
    let invite = Invite::new(key, "example.org:4433", Token([0x5c; 16])).unwrap();
    assert!(page.contains(&format!("\n    {invite}\n")), "the page should have {invite}");
}
