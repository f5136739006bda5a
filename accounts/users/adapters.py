"""How allauth works here: mails through our outbox, everybody to the right page, nobody who is shut out."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.auth import get_user_model
from django.urls import reverse

from accounts.notifications.actions import paragraphs, queue_mail
from marketplace.ground import ids, policy

from . import queries


class AccountAdapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix, email, context):
        """Write the mail into the outbox; the worker is nudged after commit, so codes arrive at once."""
        request = allauth_context.request
        message = self.render_mail(
            template_prefix,
            email,
            {"request": request, "email": email, "brand": policy.brand(), **context},
        )
        user = context.get("user") or get_user_model().objects.filter(email__iexact=email).first()
        queue_mail(
            to=email,
            user=user if user and user.pk else None,
            kind="account",
            key=f"account:{ids.secret()}",
            subject=message.subject,
            template="emails/account",
            context={
                "title": message.subject,
                "paragraphs": paragraphs(message.body),
                "code": context.get("code", ""),
                "why": "This is about your account, or somebody typed in this address by mistake.",
            },
        )

    def save_user(self, request, user, form, commit=True):
        if hasattr(form, "fill"):
            form.fill(user)
        return super().save_user(request, user, form, commit)

    def pre_login(self, request, user, **kwargs):
        """Nobody who is suspended or gone gets in, whatever they proved."""
        if user.suspended_at and user.is_active:
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def get_login_redirect_url(self, request):
        return queries.first_page(request.user, request.session.get("wanted_role", ""))

    get_signup_redirect_url = get_login_redirect_url

    def get_password_change_redirect_url(self, request):
        return reverse("users:settings")


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_auto_signup_allowed(self, request, sociallogin):
        return False  # everybody is asked for role, birthday and consent

    def populate_user(self, request, sociallogin, data):
        user = super().populate_user(request, sociallogin, data)
        name = data.get("name") or f"{data.get('first_name') or ''} {data.get('last_name') or ''}"
        user.name = " ".join(name.split())[:120]
        return user
