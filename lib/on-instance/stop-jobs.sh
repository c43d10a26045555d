# Keeps cron from starting anything more. What it started goes on to its end.
systemctl stop crond
systemctl disable crond
