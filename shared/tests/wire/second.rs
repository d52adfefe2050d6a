//! A second codec writes the same bytes: serde's shapes as docs/protocol.md tells them, with every
//! number, length and text written by wincode. It is also the way out, should bincode have to go.

use std::fmt::{Debug, Display};

use gleaner_shared::document::Document;
use gleaner_shared::wire::admin::corpus::Step;
use gleaner_shared::wire::admin::{Reply, Request};
use gleaner_shared::wire::codec::{decode, encode};
use gleaner_shared::wire::stream::{JoinReply, Open};
use gleaner_shared::wire::work::{DeliverReply, FromHost, ItemHead, ToHost};
use serde::de::DeserializeOwned;
use serde::de::value::Error;
use serde::ser::{self, Error as _, Impossible, Serialize, Serializer};
use wincode::config::Configuration;
use wincode::len::UseIntLen;

use crate::random::{Chance, message};

/// Made-up messages of each type.
const MESSAGES: u64 = 5_000;

/// Varints, little-endian, lengths as 64-bit numbers: what bincode calls `standard()`.
macro_rules! config {
    () => {
        Configuration::default().with_varint_encoding().with_length_encoding::<UseIntLen<u64>>()
    };
}

#[derive(Default)]
struct Second(Vec<u8>);

fn second<M: Serialize>(message: &M) -> Vec<u8> {
    let mut bytes = Second::default();
    message.serialize(&mut bytes).expect("messages have no other shapes");
    bytes.0
}

fn said(error: impl Display) -> Error {
    Error::custom(error)
}

macro_rules! written {
    ($($method:ident $type:ty),+ $(,)?) => {$(
        fn $method(self, value: $type) -> Result<(), Error> {
            self.0.extend(wincode::config::serialize(&value, config!()).map_err(said)?);
            Ok(())
        }
    )+};
}

macro_rules! absent {
    ($($method:ident $type:ty),+ $(,)?) => {$(
        fn $method(self, _value: $type) -> Result<(), Error> {
            Err(said("no message has this shape"))
        }
    )+};
}

impl<'a> Serializer for &'a mut Second {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = &'a mut Second;
    type SerializeTuple = &'a mut Second;
    type SerializeTupleStruct = &'a mut Second;
    type SerializeTupleVariant = &'a mut Second;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStruct = &'a mut Second;
    type SerializeStructVariant = &'a mut Second;

    written! {
        serialize_bool bool, serialize_u8 u8, serialize_u16 u16, serialize_u32 u32,
        serialize_u64 u64, serialize_i16 i16, serialize_i64 i64,
    }

    absent! {
        serialize_i8 i8, serialize_i32 i32, serialize_f32 f32, serialize_f64 f64,
        serialize_char char, serialize_bytes &[u8], serialize_unit_struct &'static str,
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.0.extend(wincode::config::serialize(value, config!()).map_err(said)?);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_u8(0)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Error> {
        self.0.push(1);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        Err(said("no message has this shape"))
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_u32(index)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.serialize_u32(index)?;
        value.serialize(self)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self, Error> {
        self.serialize_u64(len.ok_or_else(|| said("a list has a length"))? as u64)?;
        Ok(self)
    }

    fn serialize_tuple(self, _len: usize) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self, Error> {
        self.serialize_u32(index)?;
        Ok(self)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Self::SerializeMap, Error> {
        Err(said("no message has this shape"))
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self, Error> {
        self.serialize_u32(index)?;
        Ok(self)
    }
}

macro_rules! in_order {
    ($($shape:ident $method:ident),+ $(,)?) => {$(
        impl ser::$shape for &mut Second {
            type Ok = ();
            type Error = Error;

            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Error> {
                Ok(())
            }
        }
    )+};
}
in_order! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
}

macro_rules! by_name {
    ($($shape:ident),+) => {$(
        impl ser::$shape for &mut Second {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: ?Sized + Serialize>(
                &mut self,
                _name: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Error> {
                Ok(())
            }
        }
    )+};
}
by_name!(SerializeStruct, SerializeStructVariant);

fn same_bytes<M: Serialize + DeserializeOwned + PartialEq + Debug>() {
    let mut lengths = 0;
    for seed in 1..=MESSAGES {
        let message: M = message(&mut Chance::new(seed));
        let bytes = encode(&message).expect("a made-up message fits a frame");
        assert_eq!(bytes, second(&message), "seed {seed}: {message:?}");
        assert_eq!(decode::<M>(&bytes).expect("it was just written"), message, "seed {seed}");
        lengths += bytes.len();
    }
    assert!(lengths as u64 > MESSAGES, "made-up messages say something");
}

#[test]
fn open_streams_and_joining() {
    same_bytes::<Open>();
    same_bytes::<JoinReply>();
}

#[test]
fn work() {
    same_bytes::<FromHost>();
    same_bytes::<ToHost>();
}

#[test]
fn transfers() {
    same_bytes::<ItemHead>();
    same_bytes::<DeliverReply>();
}

#[test]
fn commands() {
    same_bytes::<Request>();
    same_bytes::<Step>();
    same_bytes::<Reply>();
}

#[test]
fn documents() {
    same_bytes::<Document>();
}
