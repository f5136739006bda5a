#!/usr/bin/env python
import os
import sys


def main():
    from marketplace.services.join import join

    join(*sys.argv[1:2])  # before the settings are read
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
