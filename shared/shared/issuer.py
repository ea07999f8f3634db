"""A local issuer of tokens, for the embedded shape and for tests: a key pair in a folder, and the public half as a JWKS file."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

if TYPE_CHECKING:
    from shared.auth import (
        Role,
    )  # at run time it would bring the whole web framework along, half a second for each command

ISSUER = "urn:apge:local"
AUDIENCE = "apge"
ALGORITHM = "ES256"


@dataclass(frozen=True)
class LocalIssuer:
    folder: Path

    @property
    def jwks_file(self) -> Path:
        return self.folder / "jwks.json"

    def ensure_keys(self) -> None:
        """The folder holds a private key that only its owner can read, and the JWKS file; both are kept when they exist."""
        private = self.folder / "private.json"
        if private.exists() and self.jwks_file.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        private.touch(mode=0o600)
        private.write_text(json.dumps(key.as_dict(private=True)))
        self.jwks_file.write_text(json.dumps(KeySet([key]).as_dict(private=False)))

    def token(self, role: "Role", units: Sequence[str] = (), *, subject: str = "", hours: float = 24 * 365) -> str:
        """One token for `role`, answering for `units`. Raises FileNotFoundError before `ensure_keys`."""
        now = int(time.time())
        return self.sign(
            {
                "iss": ISSUER,
                "aud": AUDIENCE,
                "sub": subject or "-".join([role, *units]).lower(),
                "iat": now,
                "exp": now + int(hours * 3600),
                "roles": [role],
                "units": list(units),
            }
        )

    def sign(self, claims: dict[str, Any]) -> str:
        """A token with just these claims."""
        key = ECKey.import_key(json.loads((self.folder / "private.json").read_text()))
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])
