systemctl enable crond
systemctl start crond
