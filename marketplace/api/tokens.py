"""Signing in for programs: e-mail and password give a token that is kept hashed and runs out."""

from hashlib import sha256

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import permissions, serializers, status
from rest_framework.exceptions import Throttled
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from accounts.models import User
from accounts.users import mfa
from marketplace.api.problems import problem
from marketplace.ground.api import PROBLEMS, Problem, Shape

GUESSES, WINDOW = 10, 300
WRONG = "That e-mail address and password do not belong together."


class SignInShape(Shape):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=200, trim_whitespace=False, style={"input_type": "password"})


class Token(serializers.Serializer):
    token = serializers.CharField()
    expiry = serializers.DateTimeField()


class SignIn(APIView):
    authentication_classes = []
    permission_classes = [permissions.AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "sign-in"

    @extend_schema(
        request=SignInShape,
        operation_id="sign_in",
        responses={200: Token, **{code: Problem for code in PROBLEMS if code in (400, 401, 403, 415, 429)}},
    )
    def post(self, request):
        """A token for `Authorization: Token ...`. Accounts with a second factor sign in on the site instead."""
        given = SignInShape(data=request.data)
        given.is_valid(raise_exception=True)
        email, password = (
            given.validated_data["email"].lower(),
            given.validated_data["password"].replace("\x00", ""),
        )
        self._count_guess(email)
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            make_password(password)  # the same time, whoever it is
            return problem(401, detail=WRONG)
        if not user.check_password(password) or not user.is_active:
            return problem(401, detail=WRONG)
        if not EmailAddress.objects.filter(user=user, verified=True).exists():
            return problem(
                403, detail="Confirm your e-mail address first: sign in on the site and enter the code."
            )
        if Authenticator.objects.filter(user=user).exists() or mfa.missing(user):
            return problem(
                403, detail="This account signs in with a second factor, so a password alone gives no token."
            )
        cache.delete(self._key(email))
        instance, token = AuthToken.objects.create(user=user)
        return Response({"token": token, "expiry": instance.expiry}, status=status.HTTP_200_OK)

    @staticmethod
    def _key(email: str) -> str:
        return f"token-guess:{sha256(email.encode()).hexdigest()[:32]}"

    def _count_guess(self, email: str) -> None:
        """Ten guesses per account in five minutes, wherever they come from."""
        key = self._key(email)
        cache.add(key, 0, WINDOW)
        if cache.incr(key) > GUESSES:
            raise Throttled(wait=WINDOW)


class SignOut(APIView):
    @extend_schema(request=None, operation_id="sign_out", responses={204: None, 401: Problem})
    def post(self, request):
        """End the token that this request carries."""
        token = request.auth if isinstance(request.auth, AuthToken) else None
        if token is not None:
            token.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
