"""An OAuth 1.0a server by Authlib with the API calls of X that are used.

Run `python -m tests.support.servers.oauth1 PORT`.
"""

import sys

from authlib.integrations.flask_oauth1 import (
    AuthorizationServer,
    ResourceProtector,
    create_exists_nonce_func,
    register_nonce_hooks,
    register_temporary_credential_hooks,
)
from authlib.oauth1 import ClientMixin, TokenCredentialMixin
from flask import Flask, jsonify, redirect, request

CLIENT, SECRET = "facet", "secret of an app"
PAGE = "<form method=post><input name=answer value=yes></form>"


class FacetClient(ClientMixin):
    def get_default_redirect_uri(self):
        return ""

    def get_client_secret(self):
        return SECRET

    def get_rsa_public_key(self):
        return None


class AccessToken(TokenCredentialMixin):
    def __init__(self, credentials):
        self.credentials = credentials

    def get_oauth_token(self):
        return self.credentials["oauth_token"]

    def get_oauth_token_secret(self):
        return self.credentials["oauth_token_secret"]


class SignedInUser:
    def get_user_id(self):
        return "7"


class MemoryCache(dict):
    def set(self, key, value, timeout):
        self[key] = value

    def delete(self, key):
        self.pop(key, None)

    has = dict.__contains__


def client_of(name):
    return FacetClient() if name == CLIENT else None


tokens, pictures, cache = {}, [], MemoryCache()
app = Flask(__name__)
server = AuthorizationServer(app, query_client=client_of)
signed = ResourceProtector(
    app,
    query_client=client_of,
    query_token=lambda _, token: tokens.get(token),
    exists_nonce=create_exists_nonce_func(cache),
)
register_temporary_credential_hooks(server, cache)
register_nonce_hooks(server, cache)
server.register_hook(
    "create_token_credential",
    lambda token, _: tokens.setdefault(token["oauth_token"], AccessToken(token)),
)


@app.post("/oauth/request_token")
def request_token():
    return server.create_temporary_credentials_response()


@app.route("/oauth/authorize", methods=["GET", "POST"])
def authorize():
    sign_in_request = server.check_authorization_request()
    if request.method == "GET":
        return PAGE
    if request.form["answer"] == "yes":
        return server.create_authorization_response(grant_user=SignedInUser())
    # As X says no: https://docs.x.com/resources/fundamentals/authentication/oauth-1-0a
    return redirect(
        f"{sign_in_request.credential.get_redirect_uri()}&denied={sign_in_request.token}"
    )


@app.post("/oauth/access_token")
def access_token():
    return server.create_token_response()


@app.get("/2/users/me")
@signed()
def show_account():
    shown = f"{request.host_url}pictures/{len(pictures) - 1}_400x400.jpg" if pictures else ""
    shown = shown.replace("_400x400", "_normal")
    return jsonify(data={"id": "7", "username": "alice", "profile_image_url": shown})


@app.post("/1.1/account/update_profile_image.json")
@signed()
def update_picture():
    pictures.append(request.files["image"].read())
    return jsonify(id_str="7")


@app.get("/pictures/<int:number>_400x400.jpg")
def serve_picture(number):
    return pictures[number], 200, {"Content-Type": "image/jpeg"}


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]), threaded=True)
