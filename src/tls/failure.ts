// What was wrong with a handshake, in words. Of Node's errors the code is looked at, which is OpenSSL's name for it.
import type { PeerCertificate } from "node:tls";
import { RepriseError } from "../wire/errors.js";

/** About the node's certificate, as the client sees it. */
const certificates: Record<string, string> = {
  CERT_HAS_EXPIRED: "its certificate, or one of those who signed it, has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet: is the clock right?",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself: nobody who is trusted vouches for it",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate is signed by an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is signed by an authority that is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an authority that is not trusted",
  CERT_SIGNATURE_FAILURE: "its certificate is signed by an authority that is not trusted, though of the same name",
  INVALID_PURPOSE: "its certificate is not one for servers",
};

/** The alerts by which the node refuses us, and other ends of a handshake. */
const handshakes: Record<string, string> = {
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: "it asks for a certificate of the client",
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "it does not trust who signed the certificate of the client",
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "it does not accept the certificate of the client",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: "the certificate of the client has expired",
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: "it does not speak HTTP/2 there",
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: "the two have no version of TLS in common",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "the two have no version of TLS in common",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS, and the client was told to",
};

/** What Node adds where the name is wrong. */
interface TlsError {
  cert: PeerCertificate;
}

/** Undefined: it was no fault of TLS that the connection ended. */
export function tlsFailure(thrown: Error, address: string): RepriseError | undefined {
  const { code = "" } = thrown as NodeJS.ErrnoException;
  const sentence =
    certificates[code] ??
    handshakes[code] ??
    otherwise(code, thrown.message, (thrown as Partial<TlsError>).cert?.subjectaltname);
  if (sentence === undefined) return undefined;
  return new RepriseError("tls_failed", `${address}: ${sentence}`, { cause: thrown });
}

function otherwise(code: string, message: string, names: string | undefined): string | undefined {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `its certificate is for another name: ${names || message}`;
  }
  // Of verification, which has no prefix, and of OpenSSL.
  if (/^ERR_SSL_/.test(code) || /CERT|CRL|CHAIN|ISSUER/.test(code)) return `TLS failed: ${code}`;
  return undefined;
}
