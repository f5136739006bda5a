"""What other packages put into the admin and we take out: ways around our own rules, or past the ways to sign in."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group
from knox.models import get_token_model

for model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, Group, get_token_model()):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
