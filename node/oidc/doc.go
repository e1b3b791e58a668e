// Package oidc lets accounts log in where their institution's people log in already: at a
// provider of OpenID Connect Core 1.0, by the authorization code flow with PKCE (RFC 7636),
// state and nonce.
//
// The provider says who somebody is. Whether that is an account here, and what it may open,
// say the accounts of node/staff alone: nobody has an account because a provider knows them.
// While the provider does not answer, the password works as ever.
package oidc
