"""What people are told without asking: the page of a day as PDF, mails, alerts and the webhook.

Numbers come from `dashboard.numbers`, charts from `dashboard.charts`: what is told is what Overview says.
"""
