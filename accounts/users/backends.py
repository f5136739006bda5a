"""Who is asking, and all that every page says about them, in one query."""

from allauth.account.auth_backends import AuthenticationBackend

from . import facts


class PersonBackend(AuthenticationBackend):
    """Signs in by e-mail and password; loads a person with the facts that the frame of each page shows."""

    def get_user(self, user_id):
        user = facts.load(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
