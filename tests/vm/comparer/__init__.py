# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the lives that proclife told against an independent witness."""
