// GENERATED CODE -- DO NOT EDIT!

// Original file comments:
// The part of etcd's API (v3) that node registration and discovery use: numbers and types as in
// https://github.com/etcd-io/etcd/blob/main/api/etcdserverpb/rpc.proto and api/mvccpb/kv.proto. What is left out is
// skipped by a reader, and has its default in a request.
'use strict';
var grpc = require('@grpc/grpc-js');
var etcd_rpc_pb = require('../etcd/rpc_pb.js');

function serialize_etcdserverpb_AuthenticateRequest(arg) {
  if (!(arg instanceof etcd_rpc_pb.AuthenticateRequest)) {
    throw new Error('Expected argument of type etcdserverpb.AuthenticateRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_etcdserverpb_AuthenticateRequest(buffer_arg) {
  return etcd_rpc_pb.AuthenticateRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_etcdserverpb_AuthenticateResponse(arg) {
  if (!(arg instanceof etcd_rpc_pb.AuthenticateResponse)) {
    throw new Error('Expected argument of type etcdserverpb.AuthenticateResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_etcdserverpb_AuthenticateResponse(buffer_arg) {
  return etcd_rpc_pb.AuthenticateResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_etcdserverpb_LeaseGrantRequest(arg) {
  if (!(arg instanceof etcd_rpc_pb.LeaseGrantRequest)) {
    throw new Error('Expected argument of type etcdserverpb.LeaseGrantRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_etcdserverpb_LeaseGrantRequest(buffer_arg) {
  return etcd_rpc_pb.LeaseGrantRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_etcdserverpb_LeaseGrantResponse(arg) {
  if (!(arg instanceof etcd_rpc_pb.LeaseGrantResponse)) {
    throw new Error('Expected argument of type etcdserverpb.LeaseGrantResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_etcdserverpb_LeaseGrantResponse(buffer_arg) {
  return etcd_rpc_pb.LeaseGrantResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_etcdserverpb_LeaseKeepAliveRequest(arg) {
  if (!(arg instanceof etcd_rpc_pb.LeaseKeepAliveRequest)) {
    throw new Error('Expected argument of type etcdserverpb.LeaseKeepAliveRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_etcdserverpb_LeaseKeepAliveRequest(buffer_arg) {
  return etcd_rpc_pb.LeaseKeepAliveRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_etcdserverpb_LeaseKeepAliveResponse(arg) {
  if (!(arg instanceof etcd_rpc_pb.LeaseKeepAliveResponse)) {
    throw new Error('Expected argument of type etcdserverpb.LeaseKeepAliveResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_etcdserverpb_LeaseKeepAliveResponse(buffer_arg) {
  return etcd_rpc_pb.LeaseKeepAliveResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_etcdserverpb_LeaseRevokeRequest(arg) {
  if (!(arg instanceof etcd_rpc_pb.LeaseRevokeRequest)) {
    throw new Error('Expected argument of type etcdserverpb.LeaseRevokeRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_etcdserverpb_LeaseRevokeRequest(buffer_arg) {
  return etcd_rpc_pb.LeaseRevokeRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_etcdserverpb_LeaseRevokeResponse(arg) {
  if (!(arg instanceof etcd_rpc_pb.LeaseRevokeResponse)) {
    throw new Error('Expected argument of type etcdserverpb.LeaseRevokeResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_etcdserverpb_LeaseRevokeResponse(buffer_arg) {
  return etcd_rpc_pb.LeaseRevokeResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_etcdserverpb_PutRequest(arg) {
  if (!(arg instanceof etcd_rpc_pb.PutRequest)) {
    throw new Error('Expected argument of type etcdserverpb.PutRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_etcdserverpb_PutRequest(buffer_arg) {
  return etcd_rpc_pb.PutRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_etcdserverpb_PutResponse(arg) {
  if (!(arg instanceof etcd_rpc_pb.PutResponse)) {
    throw new Error('Expected argument of type etcdserverpb.PutResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_etcdserverpb_PutResponse(buffer_arg) {
  return etcd_rpc_pb.PutResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_etcdserverpb_RangeRequest(arg) {
  if (!(arg instanceof etcd_rpc_pb.RangeRequest)) {
    throw new Error('Expected argument of type etcdserverpb.RangeRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_etcdserverpb_RangeRequest(buffer_arg) {
  return etcd_rpc_pb.RangeRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_etcdserverpb_RangeResponse(arg) {
  if (!(arg instanceof etcd_rpc_pb.RangeResponse)) {
    throw new Error('Expected argument of type etcdserverpb.RangeResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_etcdserverpb_RangeResponse(buffer_arg) {
  return etcd_rpc_pb.RangeResponse.deserializeBinary(new Uint8Array(buffer_arg));
}


var KVService = exports.KVService = {
  range: {
    path: '/etcdserverpb.KV/Range',
    requestStream: false,
    responseStream: false,
    requestType: etcd_rpc_pb.RangeRequest,
    responseType: etcd_rpc_pb.RangeResponse,
    requestSerialize: serialize_etcdserverpb_RangeRequest,
    requestDeserialize: deserialize_etcdserverpb_RangeRequest,
    responseSerialize: serialize_etcdserverpb_RangeResponse,
    responseDeserialize: deserialize_etcdserverpb_RangeResponse,
  },
  put: {
    path: '/etcdserverpb.KV/Put',
    requestStream: false,
    responseStream: false,
    requestType: etcd_rpc_pb.PutRequest,
    responseType: etcd_rpc_pb.PutResponse,
    requestSerialize: serialize_etcdserverpb_PutRequest,
    requestDeserialize: deserialize_etcdserverpb_PutRequest,
    responseSerialize: serialize_etcdserverpb_PutResponse,
    responseDeserialize: deserialize_etcdserverpb_PutResponse,
  },
};

exports.KVClient = grpc.makeGenericClientConstructor(KVService);
var LeaseService = exports.LeaseService = {
  leaseGrant: {
    path: '/etcdserverpb.Lease/LeaseGrant',
    requestStream: false,
    responseStream: false,
    requestType: etcd_rpc_pb.LeaseGrantRequest,
    responseType: etcd_rpc_pb.LeaseGrantResponse,
    requestSerialize: serialize_etcdserverpb_LeaseGrantRequest,
    requestDeserialize: deserialize_etcdserverpb_LeaseGrantRequest,
    responseSerialize: serialize_etcdserverpb_LeaseGrantResponse,
    responseDeserialize: deserialize_etcdserverpb_LeaseGrantResponse,
  },
  leaseRevoke: {
    path: '/etcdserverpb.Lease/LeaseRevoke',
    requestStream: false,
    responseStream: false,
    requestType: etcd_rpc_pb.LeaseRevokeRequest,
    responseType: etcd_rpc_pb.LeaseRevokeResponse,
    requestSerialize: serialize_etcdserverpb_LeaseRevokeRequest,
    requestDeserialize: deserialize_etcdserverpb_LeaseRevokeRequest,
    responseSerialize: serialize_etcdserverpb_LeaseRevokeResponse,
    responseDeserialize: deserialize_etcdserverpb_LeaseRevokeResponse,
  },
  leaseKeepAlive: {
    path: '/etcdserverpb.Lease/LeaseKeepAlive',
    requestStream: true,
    responseStream: true,
    requestType: etcd_rpc_pb.LeaseKeepAliveRequest,
    responseType: etcd_rpc_pb.LeaseKeepAliveResponse,
    requestSerialize: serialize_etcdserverpb_LeaseKeepAliveRequest,
    requestDeserialize: deserialize_etcdserverpb_LeaseKeepAliveRequest,
    responseSerialize: serialize_etcdserverpb_LeaseKeepAliveResponse,
    responseDeserialize: deserialize_etcdserverpb_LeaseKeepAliveResponse,
  },
};

exports.LeaseClient = grpc.makeGenericClientConstructor(LeaseService);
var AuthService = exports.AuthService = {
  authenticate: {
    path: '/etcdserverpb.Auth/Authenticate',
    requestStream: false,
    responseStream: false,
    requestType: etcd_rpc_pb.AuthenticateRequest,
    responseType: etcd_rpc_pb.AuthenticateResponse,
    requestSerialize: serialize_etcdserverpb_AuthenticateRequest,
    requestDeserialize: deserialize_etcdserverpb_AuthenticateRequest,
    responseSerialize: serialize_etcdserverpb_AuthenticateResponse,
    responseDeserialize: deserialize_etcdserverpb_AuthenticateResponse,
  },
};

exports.AuthClient = grpc.makeGenericClientConstructor(AuthService);
